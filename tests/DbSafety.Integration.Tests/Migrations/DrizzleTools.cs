using DbSafety.Databases.Connections;
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

    /// <summary>The same for each beginning of the list of migrations, in a folder that may be written to.</summary>
    private const string MigrateOneByOne =
        """
        const fs = require('fs'), path = require('path')
        const pg = require('pg')
        const { drizzle } = require('drizzle-orm/node-postgres')
        const { migrate } = require('drizzle-orm/node-postgres/migrator')
        const [folder, migrationsTable, migrationsSchema] = process.argv.slice(1)
        const journal = path.join(folder, 'meta', '_journal.json')
        const steps = [], undo = []
        if (fs.existsSync(journal)) {
          const whole = JSON.parse(fs.readFileSync(journal, 'utf8'))
          // It passes over what has an earlier time than one it has run. All at once it would not, so they get their own times afterwards.
          const times = whole.entries.map(e => e.when)
          whole.entries.forEach((e, i) => { e.when = i + 1 })
          undo.push(...times.map((when, i) => `UPDATE "${migrationsSchema}"."${migrationsTable}" SET created_at = ${when} WHERE created_at = ${i + 1}`))
          for (let i = 1; i <= whole.entries.length; i++) steps.push(() => fs.writeFileSync(journal, JSON.stringify({ ...whole, entries: whole.entries.slice(0, i) })))
        } else {
          const aside = folder + '-aside', names = fs.readdirSync(folder).sort()
          fs.renameSync(folder, aside)
          fs.mkdirSync(folder)
          for (const name of names) steps.push(() => fs.cpSync(path.join(aside, name), path.join(folder, name), { recursive: true }))
        }
        const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
        const run = async () => {
          await client.connect()
          try {
            for (const step of steps) {
              step()
              await migrate(drizzle({ client }), { migrationsFolder: folder, migrationsTable, migrationsSchema })
            }
          } finally {
            for (const sql of undo) await client.query(sql)
          }
        }
        run().then(() => console.log('migrated'), e => { console.log(String(e.cause ?? e)); process.exitCode = 1 }).finally(() => client.end())
        """;

    /// <summary>Journals.</summary>
    public static Task<DrizzleTools> OldAsync() => InstallAsync("drizzle-0", "drizzle-orm@0.45.4", "drizzle-kit@0.31.11", "pg@8.16.3");

    /// <summary>A folder for each migration.</summary>
    public static Task<DrizzleTools> NewAsync() => InstallAsync("drizzle-1", "drizzle-orm@1.0.0-rc.5", "drizzle-kit@1.0.0-rc.5", "pg@8.16.3");

    /// <summary>What the migrator of drizzle-orm says, as applications call it at their start.</summary>
    public Task<string> MigrateAsync(string folder, DatabaseTarget target, string? table = null, string? schema = null) =>
        NodeAsync(target, Path.GetTempPath(), "-e", Migrate.Replace("process.argv.slice(2)", "process.argv.slice(1)", StringComparison.Ordinal), folder, table ?? "", schema ?? "");

    /// <summary>One release after the other, each with one migration more.</summary>
    public Task<string> MigrateOneByOneAsync(string folder, DatabaseTarget target, string table, string schema) =>
        NodeAsync(target, Path.GetTempPath(), "-e", MigrateOneByOne, folder, table, schema);

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
