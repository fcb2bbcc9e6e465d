using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Definitions;
using DbSafety.Databases.Tables;
using DbSafety.Errors;

namespace DbSafety.Core.Tests.Backups;

public sealed class ManifestFileTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    internal static BackupManifest Manifest => new()
    {
        Database = "shöp",
        Environment = "prod",
        Format = BackupFormat.Custom,
        Compression = "zstd",
        Source = new BackupSource("db", 5432, "app", "15.18", 15, "15.18"),
        SnapshotTime = new DateTimeOffset(2026, 11, 20, 2, 15, 0, TimeSpan.Zero),
        DurationSeconds = 1.5,
        Properties = new DatabaseProperties { Owner = "app", Encoding = "UTF8", Collate = "C", CType = "C" },
        Tables = [new TableCount("public", "orders", 1204)],
        Sequences = [],
        LargeObjects = 0,
        SchemaHash = "00",
        Files = [new BackupFile("a.dump.zst", 12, "00")],
    };

    public void Dispose() => File.Delete(path);

    [Fact]
    public void Reading_a_written_manifest_yields_the_same_manifest()
    {
        File.WriteAllText(path, ManifestFile.Write(Manifest));
        var read = ManifestFile.Read(path);
        Assert.Equal(1204, read.Rows);
        Assert.Equal(ManifestFile.Write(Manifest), ManifestFile.Write(read));
    }

    [Fact]
    public void A_manifest_without_a_system_identifier_is_valid()
    {
        var text = ManifestFile.Write(Manifest);
        Assert.DoesNotContain("systemIdentifier", text, StringComparison.Ordinal);
        File.WriteAllText(path, text);
        Assert.Null(ManifestFile.Read(path).Source.SystemIdentifier);

        File.WriteAllText(path, ManifestFile.Write(Manifest with { Source = Manifest.Source with { SystemIdentifier = "7412345678901234567" } }));
        Assert.Equal("7412345678901234567", ManifestFile.Read(path).Source.SystemIdentifier);
    }

    [Theory]
    [InlineData("1204", "1203")]
    [InlineData("\"prod\"", "\"test\"")]
    [InlineData("\"database\"", "\"databose\"")]
    [InlineData("\n}", "\n} ")]
    [InlineData("  \"database\"", "\t\"database\"")]
    public void Any_change_to_a_manifest_invalidates_its_seal(string from, string to)
    {
        var text = ManifestFile.Write(Manifest);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
        var error = Assert.Throws<DbSafetyException>(() => ManifestFile.Read(path));
        Assert.Equal(("DBS204", 4), (error.Code, error.ExitCode));
    }

    [Fact]
    public void A_manifest_with_a_newer_format_version_is_DBS208()
    {
        File.WriteAllText(path, ManifestFile.Write(Manifest).Replace("\"formatVersion\": 1", "\"formatVersion\": 2, \"unknown\": 1", StringComparison.Ordinal));
        Assert.Equal("DBS208", Assert.Throws<DbSafetyException>(() => ManifestFile.Read(path)).Code);
    }
}
