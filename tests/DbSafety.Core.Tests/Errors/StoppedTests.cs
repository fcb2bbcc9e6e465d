using DbSafety.Backups.Sets;
using DbSafety.Cli;
using DbSafety.Errors;

namespace DbSafety.Core.Tests.Errors;

public sealed class StoppedTests
{
    [Theory]
    [InlineData("DBS326")]
    [InlineData("DBS331")]
    [InlineData("DBS337")]
    [InlineData("DBS431")]
    public void A_command_that_was_stopped_reports_that_its_outcome_is_unknown(string code) =>
        Assert.Equal(code, CommandLine.Known(ErrorCatalogue.All.Single(d => d.Code == code).For("shop", "lost", "1", "2"), cancelled: true).Code);

    [Fact]
    public void Any_other_error_of_a_stopped_command_is_reported_as_stopped()
    {
        Assert.Equal("DBS902", CommandLine.Known(ErrorCatalogue.ConnectionLost.For("server", "lost"), cancelled: true).Code);
        Assert.Equal("DBS902", CommandLine.Known(new OperationCanceledException(), cancelled: false).Code);
    }

    [Fact]
    public void An_empty_backup_path_is_DBS203() =>
        Assert.Equal("DBS203", Assert.Throws<DbSafetyException>(() => SetFiles.FullPath("")).Code);
}
