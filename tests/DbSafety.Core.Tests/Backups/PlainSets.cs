using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Tables;
using DbSafety.Operations;

namespace DbSafety.Core.Tests.Backups;

/// <summary>A folder of sets whose dump is a small plain script, written without a server.</summary>
internal sealed class PlainSets : IOperationEvents, IDisposable
{
    public const string Dump = "COPY public.orders (id) FROM stdin;\n1\n2\n\\.\nCOPY public.visits (id) FROM stdin;\n\\.\nSELECT pg_catalog.setval('public.orders_id_seq', 2, true);\nSELECT pg_catalog.lo_create('16401');\n\n--\n-- PostgreSQL database dump complete\n--\n\n";

    /// <summary>The sets of two tests are not the same set: the log of the tests knows them by their seals.</summary>
    private readonly double duration = Random.Shared.NextDouble();

    public string Folder { get; } = Directory.CreateTempSubdirectory("dbsafety-sets-").FullName;

    public List<string> Warnings { get; } = [];

    /// <summary>What <see cref="Dump"/> holds.</summary>
    public static BackupManifest Manifest => ManifestFileTests.Manifest with
    {
        Database = "shop",
        Format = BackupFormat.Plain,
        Compression = "none",
        Tables = [new TableCount("public", "orders", 2), new TableCount("public", "visits", 0)],
        Sequences = [new SequenceValue("public", "orders_id_seq", 2, true)],
        LargeObjects = 1,
    };

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public void Raise(OperationEvent operationEvent)
    {
        if (operationEvent is MessageEvent { Level: MessageLevel.Warning } warning)
            Warnings.Add(warning.Text);
    }

    /// <returns>The path of its manifest.</returns>
    public string Add(DateTimeOffset time, BackupManifest? manifest = null, string dump = Dump)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"backup_prod_shop_{time.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}");
        var bytes = Encoding.UTF8.GetBytes(dump);
        File.WriteAllBytes(Path.Combine(Folder, name + ".sql"), bytes);
        var path = Path.Combine(Folder, name + ".json");
        File.WriteAllText(path, ManifestFile.Write((manifest ?? Manifest) with
        {
            SnapshotTime = time,
            DurationSeconds = duration,
            Files = [new BackupFile(name + ".sql", bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)))],
        }));
        return path;
    }

    /// <summary>Another byte in the dump, as a bad disk makes it: the size stays.</summary>
    public static void Damage(string manifest)
    {
        var dump = Path.ChangeExtension(manifest, ".sql");
        File.WriteAllText(dump, File.ReadAllText(dump).Replace("\n2\n", "\n3\n", StringComparison.Ordinal));
    }
}
