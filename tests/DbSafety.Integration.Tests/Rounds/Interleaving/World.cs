using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Databases.Connections;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Scratch;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Rounds.Interleaving;

/// <summary>
/// A server, the database <c>shop</c> on it, a backup set of an earlier state of it, and folders for backups and migrations. The server's
/// commits are durable, so that what it has acknowledged survives <c>pg_ctl stop -m immediate</c>.
/// </summary>
internal sealed class World : IAsyncDisposable
{
    public const string Schema =
        """
        CREATE TABLE notes (id serial PRIMARY KEY, key text UNIQUE NOT NULL, value text, unused text);
        CREATE TABLE nothing (key text PRIMARY KEY, value text);
        CREATE TABLE doomed (key text PRIMARY KEY, value text);
        CREATE TABLE items (key text PRIMARY KEY, note_id int REFERENCES notes ON DELETE CASCADE, value text);
        CREATE TABLE bystander (key text PRIMARY KEY, value text);
        CREATE TABLE ran (key text, value text);
        CREATE SEQUENCE numbers;
        INSERT INTO notes (key, value) SELECT 'old-' || i, 'v' FROM generate_series(1, 120) i;
        INSERT INTO doomed SELECT 'd-' || i, 'v' FROM generate_series(1, 20) i;
        INSERT INTO items SELECT 'i-' || i, i, 'v' FROM generate_series(1, 40) i;
        INSERT INTO bystander SELECT 'b-' || i, 'v' FROM generate_series(1, 10) i;
        """;

    /// <summary>Written after the set was taken.</summary>
    public const string Since = "INSERT INTO notes (key, value) SELECT 'since-' || i, 's' FROM generate_series(1, 10) i; UPDATE notes SET value = 'changed' WHERE key = 'old-7'; SELECT nextval('numbers')";

    private const string Template = "world_template";

    private readonly TempFolder root = new();

    private World(ScratchServer server) => Server = server;

    public ScratchServer Server { get; }

    /// <summary>The superuser's way in.</summary>
    public DatabaseTarget Admin => Server.Target;

    /// <summary>Whom operations run as; the superuser unless set otherwise.</summary>
    public DatabaseTarget Live { get; private set; } = null!;

    /// <summary>Backups go to a disk of their own, which is small enough to be filled; only root can mount one.</summary>
    public bool HasOwnDisk { get; private set; }

    /// <summary>The manifest of the set that restores restore.</summary>
    public string Set { get; private set; } = "";

    public string Sets => Path.Combine(root.Path, "sets");

    public string Backups => Path.Combine(root.Path, "backups");

    public string Migrations => Path.Combine(root.Path, "project", "migrations");

    /// <param name="start">Starts the server with these settings; null: this machine's newest.</param>
    /// <param name="role">SQL that creates the role app_owner, whom operations and applications run as; null: the superuser.</param>
    public static async Task<World> StartAsync(Func<string[], Task<ScratchServer>>? start = null, string? role = null)
    {
        string[] settings = ["synchronous_commit=on", "max_prepared_transactions=10", "max_connections=60", "autovacuum=off"];
        start ??= s => ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None, s);
        var world = new World(await start(settings));
        Directory.CreateDirectory(world.Backups);
        world.HasOwnDisk = (await ToolProcess.RunAsync(new ToolCommand("mount", ["-t", "tmpfs", "-o", "size=16m,mode=700", "tmpfs", world.Backups]), CancellationToken.None)).ExitCode == 0;
        await world.FillAsync(role);
        return world;
    }

    /// <summary>The database as it was at first, alone on the server, with no backups but the set.</summary>
    public async Task ResetAsync()
    {
        await DropAllAsync();
        await PgServer.ExecuteAsync(Admin, $"CREATE DATABASE shop TEMPLATE {Template} OWNER {SqlName.Quote(Live.Username)}");
        foreach (var folder in new[] { Backups, Migrations })
        {
            Directory.CreateDirectory(folder);
            foreach (var file in Directory.GetFiles(folder))
                File.Delete(file);
            foreach (var inner in Directory.GetDirectories(folder))
                Directory.Delete(inner, recursive: true);
        }
    }

    public Task<List<string>> DatabasesAsync() => NamesAsync("datname NOT IN ('postgres', 'world_template') AND NOT datistemplate");

    public async Task<uint> OidAsync() => await PgServer.ScalarAsync<uint>(Admin, "SELECT coalesce((SELECT oid FROM pg_database WHERE datname = 'shop'), 0::oid)");

    /// <summary>What a set holds, restored under a name of its own.</summary>
    public async Task<Contents> ReadSetAsync(string manifest)
    {
        var place = Admin.On("look_" + Guid.NewGuid().ToString("N")[..8]);
        await new RestoreDatabase().RunAsync(new RestoreRequest(manifest, place) { Options = new RestoreOptions { NoOwner = true } }, new RecordedEvents(), CancellationToken.None);
        var contents = await Contents.ReadAsync(place);
        await PgServer.ExecuteAsync(Admin, $"DROP DATABASE {place.Database}");
        return contents;
    }

    /// <summary>Rows that a migration was allowed to lose and that were committed after its backup, as psql reads them.</summary>
    public async Task<Contents> ReadSinceAsync(string file)
    {
        var place = Admin.On("look_" + Guid.NewGuid().ToString("N")[..8]);
        await PgServer.ExecuteAsync(Admin, $"CREATE DATABASE {place.Database} TEMPLATE template0");
        await PgServer.ExecuteAsync(place, "CREATE TABLE doomed (key text, value text)");
        await PgServer.RunFileAsync(place, file);
        var contents = await Contents.ReadAsync(place);
        await PgServer.ExecuteAsync(Admin, $"DROP DATABASE {place.Database}");
        return contents;
    }

    /// <summary>Waits until the server has noticed that a killed run is gone.</summary>
    public Task OursEndAsync() =>
        Wait.UntilAsync(() => PgServer.ScalarAsync<bool>(Admin, "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE 'dbsafety%' AND pid <> pg_backend_pid())"));

    /// <summary>A power cut, and the server's own recovery.</summary>
    public async Task CrashAsync()
    {
        await Server.StopImmediatelyAsync(CancellationToken.None);
        await Server.StartAgainAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        if (HasOwnDisk)
            (await ToolProcess.RunAsync(new ToolCommand("umount", [Backups]), CancellationToken.None)).OrThrow();
        root.Dispose();
    }

    private async Task FillAsync(string? role)
    {
        if (role is not null)
            await PgServer.ExecuteAsync(Admin, role);
        Live = (role is null ? Admin : Admin with { Username = "app_owner" }).On("shop");
        await PgServer.ExecuteAsync(Admin, $"CREATE DATABASE shop TEMPLATE template0 OWNER {SqlName.Quote(Live.Username)}");
        await PgServer.ExecuteAsync(Live, Schema);
        Set = (await new BackupDatabase().RunAsync(new BackupRequest(Live, Sets), new RecordedEvents(), CancellationToken.None)).Path;
        await PgServer.ExecuteAsync(Live, Since);
        await PgServer.ExecuteAsync(Admin, $"ALTER DATABASE shop RENAME TO {Template}");
    }

    private async Task DropAllAsync()
    {
        await PgServer.ExecuteAsync(Admin, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()");
        foreach (var database in await DatabasesAsync())
        {
            foreach (var gid in await PreparedAsync(database))
                await PgServer.ExecuteAsync(Admin.On(database), $"ROLLBACK PREPARED {SqlName.Literal(gid)}");
            await PgServer.ExecuteAsync(Admin, $"DROP DATABASE {SqlName.Quote(database)}");
        }
    }

    private async Task<List<string>> PreparedAsync(string database)
    {
        await using var connection = await Admin.OpenAsync(CancellationToken.None);
        return [.. await connection.ListAsync("SELECT gid FROM pg_prepared_xacts WHERE database = $1", r => r.GetString(0), CancellationToken.None, database)];
    }

    private async Task<List<string>> NamesAsync(string where)
    {
        await using var connection = await Admin.OpenAsync(CancellationToken.None);
        return [.. await connection.ListAsync($"SELECT datname FROM pg_database WHERE {where} ORDER BY 1", r => r.GetString(0), CancellationToken.None)];
    }
}
