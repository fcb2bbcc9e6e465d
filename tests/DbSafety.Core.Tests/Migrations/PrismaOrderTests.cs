using DbSafety.Migrations.Sources;

namespace DbSafety.Core.Tests.Migrations;

public sealed class PrismaOrderTests
{
    /// <summary>Names, and the two whose order depends on the language.</summary>
    [Theory]
    [InlineData("20240101_z 20240101_ä", "20240101_ä 20240101_z")]
    [InlineData("20240101_é", "")]
    [InlineData("20240101_ä 20240102_z 20240103_日", "")]
    [InlineData("20240101 20240101_é", "")]
    [InlineData("20240101_z 20240101_Z 20240101-a", "")]
    [InlineData("20240101_ez 20240101_e\u0301", "20240101_e\u0301 20240101_ez")]
    [InlineData("20240101_straße 20240101_strasse 20240102_a", "20240101_strasse 20240101_straße")]
    public void The_Prisma_order_is_unknown_only_where_non_ASCII_letters_decide_it(string names, string open)
    {
        var pair = PrismaOrder.Unknown(names.Split(' '));
        Assert.Equal(open.Split(' ').Order(StringComparer.Ordinal), (pair is var (first, second) ? $"{first} {second}" : "").Split(' ').Order(StringComparer.Ordinal));
    }
}
