using System.Security.Cryptography;
using System.Text;
using DbSafety.CrashHost;
using DbSafety.Migrations;

namespace DbSafety.Integration.Tests.Rounds.Interleaving;

/// <summary>An operation of <see cref="RoundCommand"/>: what has to be there before it, and what it promises when it succeeds.</summary>
internal sealed partial record RoundOperation(string Name)
{
    private const string Changes =
        """
        ALTER TABLE notes ADD COLUMN added int DEFAULT 1;
        ALTER TABLE notes DROP COLUMN unused;
        DROP TABLE nothing;
        DELETE FROM doomed WHERE key LIKE 'd-%';
        INSERT INTO ran VALUES ('m1', 'x');
        """;

    /// <summary>Where nobody can count once more under a lock, losses of what was empty are refused.</summary>
    private const string Additions =
        """
        ALTER TABLE notes ADD COLUMN added int DEFAULT 1;
        INSERT INTO ran VALUES ('m1', 'x');
        """;

    /// <summary>Parts of it commit one by one.</summary>
    private const string Loose = Additions + "\nCOMMIT;\nCREATE INDEX CONCURRENTLY notes_value ON notes (value);\nDELETE FROM doomed WHERE key LIKE 'd-%';\n";

    /// <summary>Short rounds run half of the operations on one day, and the others on the next; long ones, and one that is repeated by its seed, run all.</summary>
    public static IEnumerable<RoundOperation> Today => Round.IsLong || Environment.GetEnvironmentVariable("DBSAFETY_SEED") is { Length: > 0 } ? All : All.Where((_, i) => i % 2 == DateTime.UtcNow.DayOfYear % 2);

    public static IReadOnlyList<RoundOperation> All { get; } = [.. RoundCommand.Names.Select(n => new RoundOperation(n))];

    public bool IsMigration => Name.StartsWith("migrate", StringComparison.Ordinal);

    public bool FailsByItself => Name.StartsWith("migrate fails", StringComparison.Ordinal);

    /// <summary>The operation that does the same up to the first point that only one of them reaches.</summary>
    public string? BeginsAs => Name switch
    {
        "migrate rehearsed" => "migrate prisma",
        "migrate fails, restores" or "migrate fails, decides" => "migrate rehearsed",
        _ => null,
    };

    /// <summary>The database under the name becomes another one.</summary>
    public bool Replaces => Name is "restore beside" or "restore in place" or "undo";

    /// <summary>
    /// What the user allowed to be lost, but for rows that were committed meanwhile, unless the project's own command deletes them; and the sequence's values that were given out while it was
    /// restored in place: they are not rows.
    /// </summary>
    public bool Allows(Claim claim) => (IsMigration && claim is RowClaim { Table: "doomed" } row && (Name == "migrate command" || !row.Key.StartsWith(RoundAction.DoomedKey, StringComparison.Ordinal))) || (Name == "restore in place" && claim is SequenceClaim);

    public override string ToString() => Name;

    public static RoundPlace Place(World world) => new(world.Live, world.Set, world.Backups, world.Migrations);

    /// <returns>Names of places that earlier results have named, in words.</returns>
    public async Task<string> PrepareAsync(World world)
    {
        await world.ResetAsync();
        switch (Name)
        {
            case "undo":
                return RoundResult.Serialize(await RoundCommand.RunAsync("restore beside", Place(world), new RecordedEvents()));
            case "retention":
                for (var i = 0; i < 3; i++)
                    await RoundCommand.RunAsync("backup", Place(world), new RecordedEvents());
                return "";
            case "migrate prisma" or "migrate rehearsed":
                await WritePrismaAsync(world, Changes);
                return "";
            case "migrate command":
                await WritePrismaAsync(world, Additions + "\nDELETE FROM doomed WHERE key LIKE 'd-%';\n");
                // As Prisma does it: the history's row and the script, here in one transaction.
                await File.WriteAllTextAsync(Path.Combine(world.Migrations, "..", "deploy.sql"), OtherToolsSql(world));
                await File.WriteAllTextAsync(Path.Combine(world.Migrations, "..", "deploy.sh"), $"exec psql -X -q -v ON_ERROR_STOP=1 -1 -f '{Path.Combine(world.Migrations, "..", "deploy.sql")}' \"$DATABASE_URL\"\n");
                return "";
            case "migrate sql":
                await WriteAsync(world, "1_a.sql", Changes);
                return "";
            case "migrate loose":
                await WriteAsync(world, "1_a.sql", Loose);
                return "";
            case "migrate fails, restores" or "migrate fails, decides":
                await WriteAsync(world, "1_a.sql", Changes);
                await WriteAsync(world, "2_b.sql", "INSERT INTO ran VALUES ('m2', 'x');\nSELECT 1 / 0;\n");
                return "";
            default:
                return "";
        }
    }

    /// <summary>What another tool's <c>migrate</c> does with the same project.</summary>
    public static string OtherToolsSql(World world)
    {
        var script = File.ReadAllText(Path.Combine(world.Migrations, "1_a", "migration.sql"));
        var checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        return $"INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count) VALUES ('{Guid.NewGuid()}', '{checksum}', '1_a', now(), now(), 1);\n{script}";
    }

    public bool HasOtherTool => Name is "migrate prisma" or "migrate rehearsed" or "migrate command";

    private static async Task WritePrismaAsync(World world, string script)
    {
        await WriteAsync(world, "migration_lock.toml", "provider = \"postgresql\"\n");
        await WriteAsync(world, Path.Combine("0_init", "migration.sql"), "SELECT 1;\n");
        await new ResolveMigration().RunAsync(new MigrationResolveRequest(world.Migrations, world.Live, "0_init", MigrationResolution.Baseline), new RecordedEvents(), CancellationToken.None);
        await WriteAsync(world, Path.Combine("1_a", "migration.sql"), script);
    }

    private static Task WriteAsync(World world, string name, string text)
    {
        var path = Path.Combine(world.Migrations, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return File.WriteAllTextAsync(path, text);
    }
}
