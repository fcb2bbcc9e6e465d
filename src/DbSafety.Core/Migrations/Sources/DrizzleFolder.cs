using System.Globalization;
using System.Text.Json;
using DbSafety.Errors;

namespace DbSafety.Migrations.Sources;

/// <summary>Drizzle's folder of migrations, in both of its layouts.</summary>
internal static class DrizzleFolder
{
    private const string Script = "migration.sql";

    private static readonly string[] UsualNames = ["drizzle", "migrations"];

    public static bool IsOne(string folder) => HasJournal(folder) || HasSnapshots(folder);

    /// <summary>The folder itself, or what <c>drizzle.config.*</c> points to, or Drizzle's default folder.</summary>
    public static IReadOnlyList<(string Folder, DrizzleConfig? Config)> Below(string root)
    {
        if (IsOne(root))
            return [(root, DrizzleConfig.Of(root))];
        if (DrizzleConfig.In(root) is { Count: > 0 } configs)
            return [.. configs.Where(c => IsOne(c.Out)).DistinctBy(c => (c.Out, c.Schema, c.Table)).Select(c => (c.Out, (DrizzleConfig?)c))];
        return [.. UsualNames.Select(n => Path.Combine(root, n)).Where(IsOne).Select(f => (f, DrizzleConfig.Of(f)))];
    }

    /// <param name="config">What <c>drizzle.config.*</c> says, where there is one.</param>
    public static MigrationFolder Open(string folder, DrizzleConfig? config)
    {
        if (config is { Dialect: { } dialect and not "postgresql" and not "pg" })
            throw ErrorCatalogue.WrongProvider.For(config.Path, dialect);
        var layout = HasJournal(folder) ? DrizzleLayout.Journal : DrizzleLayout.Folders;
        var files = layout == DrizzleLayout.Journal ? FromJournal(folder) : FromFolders(folder);
        if (files.Count == 0)
            throw ErrorCatalogue.MigrationsNotFound.For(folder, "Drizzle's journal is empty and the folder contains no *.sql files");
        return new MigrationFolder(MigrationSource.Drizzle, folder, files, new ListedOrder(files.Select(f => f.Name)))
        {
            Drizzle = new DrizzleSettings(layout, config?.Schema ?? DrizzleSettings.DefaultSchema, config?.Table ?? DrizzleSettings.DefaultTable),
        };
    }

    private static bool HasJournal(string folder) => File.Exists(Journal(folder));

    /// <summary>The snapshot beside the script is what Prisma's folders do not have.</summary>
    private static bool HasSnapshots(string folder) =>
        Directory.Exists(folder)
        && Directory.EnumerateDirectories(folder).Any(d => File.Exists(Path.Combine(d, Script)) && File.Exists(Path.Combine(d, "snapshot.json")));

    private static string Journal(string folder) => Path.Combine(folder, "meta", "_journal.json");

    private static List<MigrationFile> FromJournal(string folder)
    {
        var path = Journal(folder);
        List<(string Tag, long When)> entries;
        try
        {
            using var journal = JsonDocument.Parse(File.ReadAllText(path));
            if (journal.RootElement.TryGetProperty("dialect", out var dialect) && dialect.GetString() is { } name and not "postgresql" and not "pg")
                throw ErrorCatalogue.WrongProvider.For(path, name);
            entries = [.. journal.RootElement.GetProperty("entries").EnumerateArray().Select(e => (e.GetProperty("tag").GetString()!, (long)e.GetProperty("when").GetDouble()))];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw ErrorCatalogue.JournalUnreadable.Because(e, path, e.Message);
        }

        var twice = entries.GroupBy(e => e.Tag, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
            throw ErrorCatalogue.JournalUnreadable.For(path, $"it lists {twice.Key} twice");
        var listed = entries.Select(e => Read(folder, e.Tag, e.Tag + ".sql") with { RecordedAs = e.When }).ToList();
        var tags = entries.Select(e => e.Tag).ToHashSet(StringComparer.Ordinal);
        var others = Directory.EnumerateFiles(folder, "*.sql")
            .Select(f => Path.GetFileNameWithoutExtension(f))
            .Where(n => !tags.Contains(n))
            .Order(StringComparer.Ordinal)
            .Select(n => Read(folder, n, n + ".sql") with { IsUnlisted = true });
        return [.. listed, .. others];
    }

    private static List<MigrationFile> FromFolders(string folder) =>
        [.. Directory.EnumerateDirectories(folder)
            .Select(d => Path.GetFileName(d))
            .Where(n => File.Exists(Path.Combine(folder, n, Script)) || File.Exists(Path.Combine(folder, n, "snapshot.json")))
            .Order(PrismaOrder.Instance)
            .Select(n => Read(folder, n, $"{n}/{Script}") with { RecordedAs = Millis(folder, n) })];

    private static MigrationFile Read(string folder, string name, string relative)
    {
        var path = Path.Combine(folder, relative);
        return new MigrationFile(name, path, relative) { Bytes = File.Exists(path) ? File.ReadAllBytes(path) : null, IsDrizzle = true };
    }

    /// <summary>The name's first 14 digits as JavaScript's <c>Date.UTC</c> takes them: what is too much carries over (drizzle-orm, migrator.utils.ts).</summary>
    private static long Millis(string folder, string name)
    {
        if (name.Length < 14 || !name.AsSpan(0, 14).ContainsOnlyDigits())
            throw ErrorCatalogue.MigrationsUnsupported.For(Path.Combine(folder, name), "its name does not begin with 14 digits, so Drizzle cannot record its time in the migration history");
        int Part(int start, int length) => int.Parse(name.AsSpan(start, length), CultureInfo.InvariantCulture);
        var time = new DateTimeOffset(Math.Max(1, Part(0, 4)), 1, 1, 0, 0, 0, TimeSpan.Zero)
            .AddMonths(Part(4, 2) - 1).AddDays(Part(6, 2) - 1).AddHours(Part(8, 2)).AddMinutes(Part(10, 2)).AddSeconds(Part(12, 2));
        return time.ToUnixTimeMilliseconds();
    }

    private static bool ContainsOnlyDigits(this ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}
