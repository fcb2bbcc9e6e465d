using DbSafety.Databases;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>The real <c>drizzle-kit</c> and <c>drizzle-orm</c> of npm, in the versions pinned here.</summary>
internal sealed class DrizzleTools(string modules)
{
    private const string Migrate =
        """
        const pg = require('pg')
        const { drizzle } = require('drizzle-orm/node-postgres')
        const { migrate } = require('drizzle-orm/node-postgres/migrator')
        const [folder, migrationsTable, migrationsSchema] = process.argv.slice(2)
        const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
        client.connect()
          .then(() => migrate(drizzle({ client }), { migrationsFolder: folder, migrationsTable: migrationsTable || undefined, migrationsSchema: migrationsSchema || undefined }))
          .then(() => console.log('migrated'), e => { console.log(String(e.cause ?? e)); process.exitCode = 1 })
          .finally(() => client.end())
        """;

    /// <summary>Journals.</summary>
    public static Task<DrizzleTools> OldAsync() => InstallAsync("drizzle-0", "drizzle-orm@0.45.4", "drizzle-kit@0.31.11", "pg@8.16.3");

    /// <summary>A folder for each migration.</summary>
    public static Task<DrizzleTools> NewAsync() => InstallAsync("drizzle-1", "drizzle-orm@1.0.0-rc.5", "drizzle-kit@1.0.0-rc.5", "pg@8.16.3");

    /// <summary>What the migrator of drizzle-orm says, as applications call it at their start.</summary>
    public Task<string> MigrateAsync(string folder, DatabaseTarget target, string? table = null, string? schema = null) =>
        NodeAsync(target, Path.GetTempPath(), "-e", Migrate.Replace("process.argv.slice(2)", "process.argv.slice(1)", StringComparison.Ordinal), folder, table ?? "", schema ?? "");

    /// <summary><c>drizzle-kit</c> in a project's folder, which needs a <c>drizzle.config.json</c>.</summary>
    public Task<string> KitAsync(string project, DatabaseTarget target, params string[] arguments)
    {
        var link = Path.Combine(project, "node_modules");
        if (!Directory.Exists(link))
            Directory.CreateSymbolicLink(link, modules);
        return NodeAsync(target, project, [Path.Combine(modules, "drizzle-kit", "bin.cjs"), .. arguments]);
    }

    public static string Url(DatabaseTarget target) =>
        $"postgresql://{target.Username}@localhost:{target.Port}/{target.Database}?host={Uri.EscapeDataString(target.Host)}";

    private static async Task<DrizzleTools> InstallAsync(string name, params string[] packages) =>
        new(Path.Combine(await NodePackages.InstallAsync(name, packages), "node_modules"));

    private async Task<string> NodeAsync(DatabaseTarget target, string folder, params string[] arguments)
    {
        var ran = await ToolProcess.RunAsync(new ToolCommand("node", arguments)
        {
            WorkingDirectory = folder,
            Environment = new Dictionary<string, string?> { ["DATABASE_URL"] = Url(target), ["NODE_PATH"] = modules },
        }, CancellationToken.None);
        return $"{ran.Output}{ran.Error}\nexit code {ran.ExitCode}";
    }
}
