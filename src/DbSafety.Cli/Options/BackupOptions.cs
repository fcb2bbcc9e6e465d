using System.CommandLine;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Backups.Volumes;
using DbSafety.Cli.Rendering;
using DbSafety.Databases.Tables;

namespace DbSafety.Cli.Options;

/// <summary>The options of <c>dbsafety backup create</c>.</summary>
internal sealed class BackupOptions
{
    private readonly TargetOptions target = new();
    private readonly Option<string> destination = new("--destination") { Description = "The folder to write to. It is created if it does not exist.", Required = true };
    private readonly Option<string> environment = new("--environment") { Description = "The environment, such as prod; part of the set's name.", DefaultValueFactory = _ => "default" };
    private readonly Option<BackupFormat> format = new("--format") { Description = "The format of the dump: custom, plain or directory.", DefaultValueFactory = _ => BackupFormat.Custom };
    private readonly Option<string[]> labels = Many("--label", "A label by which you can find the set; can be specified several times.");
    private readonly Option<TimeSpan?> maxAge = new("--max-age") { Description = "Create no backup if the destination has an intact backup of this database and environment that is at most this old: 30d, 12h, 8w, or d.hh:mm:ss.", CustomParser = r => RetentionOptions.Age(r, TimeSpan.FromMinutes(1)) };
    private readonly Option<bool> passwords = new("--include-passwords") { Description = "Write the roles' password hashes to the globals file too." };
    private readonly Option<bool> serverSettings = new("--include-server-settings") { Description = "Also back up the server's settings, pg_hba.conf and pg_ident.conf, as far as the role can read them. Secrets are masked. No restore uses them." };
    private readonly Option<bool> checksum = new("--checksum") { Description = "Hash the rows of every table in addition to counting them." };
    private readonly Option<int?> level = new("--compression-level") { Description = "The compression level. 0: no compression; zstd 1 to 19 (default 3), gzip 1 to 9 (default 1)." };
    private readonly Option<int> jobs = new("--jobs", "-j") { Description = "The number of processor cores to dump, count and compress with. Default: all cores." };
    private readonly Option<string[]> tables = Many("--table", "Back up only these tables: a pattern in the format of pg_dump; can be specified several times.");
    private readonly Option<string[]> excluded = Many("--exclude-table", "Exclude these tables; can be specified several times.");
    private readonly Option<string[]> schemas = Many("--schema", "Back up only these schemas; can be specified several times.");
    private readonly Option<bool> schemaOnly = new("--schema-only") { Description = "Dump definitions only, without rows." };
    private readonly Option<string?> volume = new("--volume") { Description = "Back up the cluster on this Docker volume, which no running container uses. The volume is not changed. --database specifies one of its databases." };
    private readonly Option<string?> image = new("--image") { Description = "With --volume: the image that reads the volume, if the official image of the cluster's version cannot read it." };
    private readonly Option<bool> dataOnly = new("--data-only") { Description = "Dump rows only, without definitions." };

    public void AddTo(Command command)
    {
        target.AddTo(command);
        foreach (var option in new Option[] { destination, environment, format, labels, maxAge, passwords, serverSettings, checksum, level, jobs, tables, excluded, schemas, schemaOnly, dataOnly, volume, image })
            command.Add(option);
    }

    /// <summary>Backs up the selected database, or the databases of a volume.</summary>
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
        MaxAge = parsed.GetValue(maxAge),
        IncludePasswords = parsed.GetValue(passwords),
        IncludeServerSettings = parsed.GetValue(serverSettings),
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
