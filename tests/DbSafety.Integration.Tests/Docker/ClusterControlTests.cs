using DbSafety.Docker.Clusters;
using DbSafety.Scratch;

namespace DbSafety.Integration.Tests.Docker;

/// <summary>pg_control as we read it, against the server's own functions.</summary>
[Collection(PgServerGroup.Name)]
public sealed class ClusterControlTests(PgServer pg)
{
    [Fact]
    public Task Control_file_values_match_the_SQL_functions_of_the_default_server_version() => AgreesAsync(pg.Server);

    [Fact]
    public async Task Control_file_values_match_the_SQL_functions_of_version_18()
    {
        await using var newer = await NewerServer.StartAsync();
        await AgreesAsync(newer);
    }

    [Fact]
    public void Parse_returns_null_for_an_invalid_control_file()
    {
        Assert.Null(ClusterControl.Parse(new byte[8192]));
        Assert.Null(ClusterControl.Parse("PG"u8));
        Assert.Null(ClusterControl.Parse(Enumerable.Repeat((byte)0xFF, 8192).ToArray()));
    }

    private static async Task AgreesAsync(ScratchServer server)
    {
        await PgServer.ExecuteAsync(server.Target, "CHECKPOINT");
        var control = ClusterControl.Parse(await File.ReadAllBytesAsync(Path.Combine(server.DataFolder, "global", "pg_control")))!;
        Assert.Equal((ulong)await PgServer.ScalarAsync<long>(server.Target, "SELECT system_identifier FROM pg_control_system()"), control.SystemIdentifier);
        Assert.Equal(await PgServer.ScalarAsync<DateTime>(server.Target, "SELECT checkpoint_time FROM pg_control_checkpoint()"), control.LastCheckpoint.UtcDateTime);
        Assert.InRange(control.Created, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow);
        Assert.False(control.WasShutDown);
    }
}
