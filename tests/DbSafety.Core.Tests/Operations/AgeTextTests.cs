using DbSafety.Operations;

namespace DbSafety.Core.Tests.Operations;

public sealed class AgeTextTests
{
    [Theory]
    [InlineData("26h", 26)]
    [InlineData("1.5d", 36)]
    [InlineData("2w", 336)]
    [InlineData("12:00:00", 12)]
    [InlineData("9:30", 9.5)]
    [InlineData("1.02:00:00", 26)]
    [InlineData("30.00:00", 720)]
    public void An_age_is_read(string text, double hours) => Assert.Equal(TimeSpan.FromHours(hours), AgeText.Read(text));

    [Theory]
    [InlineData("26:00:00")]
    [InlineData("24:00")]
    [InlineData("100:00:00")]
    [InlineData("1:02:00:00")]
    [InlineData("-12:00:00")]
    [InlineData("30")]
    [InlineData("-1h")]
    [InlineData("1e3h")]
    [InlineData("h")]
    [InlineData("")]
    public void Hours_are_never_read_as_days(string text) => Assert.Null(AgeText.Read(text));
}
