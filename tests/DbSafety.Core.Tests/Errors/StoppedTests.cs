using DbSafety.Backups.Sets;
using DbSafety.Cli;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using Npgsql;

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
    public void A_full_disk_of_the_server_is_DBS233_and_names_the_server()
    {
        var error = PgSession.Translate(new PostgresException("could not extend file: No space left on device", "ERROR", "ERROR", "53100"), DatabaseTargets.Parse("postgres://app@db1/shop"));
        Assert.Equal(("DBS233", "no space left on the disk of the PostgreSQL server db1:5432: could not extend file: No space left on device"), (error.Code, error.Message));
    }

    [Fact]
    public void An_empty_backup_path_is_DBS203() =>
        Assert.Equal("DBS203", Assert.Throws<DbSafetyException>(() => SetFiles.FullPath("")).Code);
}
