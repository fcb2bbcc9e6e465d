using DbSafety.Migrations;
using DbSafety.Operations;
using DbSafety.Scratch;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Production in a network namespace of its own, as in a container that shares the folder of its socket with this machine.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class OtherNamespaceTests
{
    [RootFact]
    public async Task A_command_does_not_reach_a_server_of_another_network_namespace_by_its_socket_in_the_rehearsal()
    {
        await using var server = await ScratchServer.StartIsolatedAsync(null, new ScratchIsolation(), OperationEvents.None, CancellationToken.None);
        await PgServer.ExecuteAsync(server.Target, Shop.Schema);
        using var shared = new TempFolder();
        var socket = Path.Combine(shared.Path, "sock");
        // Known under another path than the one that the server and this run have it by.
        Directory.CreateSymbolicLink(socket, server.Target.Host);
        using var shop = Shop.At(server.Target);
        Directory.CreateDirectory(shop.Migrations);
        var there = $"set -e; psql \"$DATABASE_URL\" -c 'SELECT 1'; env -u PGHOST psql -h '{socket}' -U postgres -d postgres -c 'DELETE FROM products'";

        await shop.FailsAsync(shop.Request() with { SkipBackup = true, Command = new MigrationCommand(["sh", "-c", there]) }, "DBS457");

        Assert.Equal(10, await PgServer.ScalarAsync<long>(server.Target, "SELECT count(*) FROM products"));
    }
}
