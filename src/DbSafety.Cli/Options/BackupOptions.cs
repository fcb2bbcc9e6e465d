using System.CommandLine;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Backups.Volumes;
using DbSafety.Cli.Rendering;
using DbSafety.Databases.Tables;

namespace DbSafety.Cli.Options;

/// <summary>What <c>dbsafety backup create</c> can be told.</summary>
internal sealed class BackupOptions
{
    private readonly TargetOptions target = new();
    private readonly Option<string> destination = new("--destination") { Description = "The folder to write to; made where it is not there.", Required = true };
    private readonly Option<string> environment = new("--environment") { Description = "Stands in the set's name.", DefaultValueFactory = _ => "default" };
    private readonly Option<BackupFormat> format = new("--format") { Description = "custom, plain or directory.", DefaultValueFactory = _ => BackupFormat.Custom };
    private readonly Option<string[]> labels = Many("--label", "A free word to find the set by; may be given again.");
    private readonly Option<bool> passwords = new("--include-passwords") { Description = "Roles' password verifiers go into the globals file too." };
    private readonly Option<bool> checksum = new("--checksum") { Description = "Hash every table's rows as well as counting them." };
    private readonly Option<int?> level = new("--compression-level") { Description = "0: none; zstd 1 to 19 (3), gzip 1 to 9 (1)." };
    private readonly Option<int> jobs = new("--jobs", "-j") { Description = "Cores to dump, count and compress with; left out: all." };
    private readonly Option<string[]> tables = Many("--table", "Only these tables: a pattern as pg_dump takes it; may be given again.");
    private readonly Option<string[]> excluded = Many("--exclude-table", "All but these tables; may be given again.");
    private readonly Option<string[]> schemas = Many("--schema", "Only these schemas; may be given again.");
    private readonly Option<bool> schemaOnly = new("--schema-only") { Description = "Definitions without rows." };
    private readonly Option<string?> volume = new("--volume") { Description = "Read the cluster of this Docker volume, which no running container has; it stays as it is. --database names one of its databases." };
    private readonly Option<string?> image = new("--image") { Description = "With --volume: the image to read it with, where the plain one of its version does not do." };
    private readonly Option<bool> dataOnly = new("--data-only") { Description = "Rows without definitions." };

    public void AddTo(Command command)
    {
        target.AddTo(command);
        foreach (var option in new Option[] { destination, environment, format, labels, passwords, checksum, level, jobs, tables, excluded, schemas, schemaOnly, dataOnly, volume, image })
            command.Add(option);
    }

    /// <summary>Backs up what was chosen: a database, or a volume's.</summary>
    public async Task<IReadOnlyList<PgBackup>> RunAsync(ParseResult parsed, Screen screen, CancellationToken ct)
    {
        if (parsed.GetValue(volume) is { } left)
            return await new BackupVolume().RunAsync(target.OfVolume(parsed, new VolumeBackupRequest(left, Settings(parsed)) { Image = parsed.GetValue(image) }), screen, ct);
        await using var chosen = await target.OpenAsync(parsed, screen, ct);
        return [await new BackupDatabase().RunAsync(new BackupRequest(chosen.Target, Settings(parsed)), screen, ct)];
    }

    private BackupSettings Settings(ParseResult parsed) => new(parsed.GetRequiredValue(destination))
    {
        Environment = parsed.GetRequiredValue(environment),
        Format = parsed.GetValue(format),
        Labels = parsed.GetRequiredValue(labels),
        IncludePasswords = parsed.GetValue(passwords),
        Checksum = parsed.GetValue(checksum),
        CompressionLevel = parsed.GetValue(level),
        Jobs = parsed.GetValue(jobs),
        Selection = Selection(parsed),
    };

    private BackupSelection Selection(ParseResult parsed) => new()
    {
        Tables = parsed.GetRequiredValue(tables),
        ExcludeTables = parsed.GetRequiredValue(excluded),
        Schemas = parsed.GetRequiredValue(schemas),
        SchemaOnly = parsed.GetValue(schemaOnly),
        DataOnly = parsed.GetValue(dataOnly),
    };

    private static Option<string[]> Many(string name, string description) => new(name) { Description = description, DefaultValueFactory = _ => [] };
}
