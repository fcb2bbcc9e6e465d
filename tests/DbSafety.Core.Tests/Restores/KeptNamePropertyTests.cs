using System.Text;
using CsCheck;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases;
using DbSafety.Databases.Connections;
using DbSafety.Restores.Swaps;

namespace DbSafety.Core.Tests.Restores;

public sealed class KeptNamePropertyTests
{
    private static readonly Gen<DateTimeOffset> Time = Gen.Long[0, 4_000_000_000].Select(DateTimeOffset.FromUnixTimeSeconds);

    private static readonly Gen<MarkKind> Kind = Gen.OneOf(Enum.GetValues<MarkKind>());

    [Fact]
    public void A_retained_name_fits_in_63_bytes_contains_complete_characters_and_shows_its_kind() => Gen.Select(Property.Name, Kind, Time).Holds((database, kind, at) =>
    {
        var name = RetainedNames.Of(database, kind, at);
        Assert.InRange(new UTF8Encoding(false, throwOnInvalidBytes: true).GetByteCount(name), 1, SqlName.MaxBytes);
        Assert.True(RetainedNames.Is(name, database, kind));
        Assert.True((RetainedNames.TimeOf(name, database, kind) ?? at) == at);
        Assert.True(RetainedNames.TimeOf(name, database, kind) is not null || RetainedNames.CouldBe(name, database, kind));
        Assert.All(Enum.GetValues<MarkKind>().Where(other => other != kind), other => Assert.False(RetainedNames.Is(name, database, other)));
    });

    /// <summary>Names with a common beginning, which compete where both are shortened.</summary>
    [Fact]
    public void Retained_names_differ_for_different_databases_times_and_kinds() =>
        Gen.Select(Gen.Select(Property.Name, Property.Text, Property.Text).Where(n => n.Item2 != n.Item3), Gen.Select(Kind, Time), Gen.Select(Kind, Time)).Holds((names, first, second) =>
        {
            var (one, other) = (names.Item1 + names.Item2, names.Item1 + names.Item3);
            var ((kind, at), (otherKind, otherTime)) = (first, second);
            Assert.NotEqual(RetainedNames.Of(one, kind, at), RetainedNames.Of(other, otherKind, otherTime));
            Assert.False(RetainedNames.Is(RetainedNames.Of(one, kind, at), other, kind));
            Assert.Null(RetainedNames.TimeOf(RetainedNames.Of(one, kind, at), other, kind));
            Assert.Equal((kind, at) == (otherKind, otherTime), RetainedNames.Of(one, kind, at) == RetainedNames.Of(one, otherKind, otherTime));
        });
}
