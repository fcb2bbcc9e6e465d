using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;

namespace DbSafety.Restores.Creation;

/// <summary>Compares the counts of a restored database with those of its set.</summary>
internal static class RestoredCounts
{
    /// <summary>
    /// What differs, in words. Of an extension's configuration, the restored database may have more: rows that the extension creates are included, and
    /// a later version of it may create more.
    /// </summary>
    /// <param name="name">The set's.</param>
    /// <param name="added">Tables of users that only the restored database has.</param>
    /// <param name="more">What it has more of extensions' configuration.</param>
    public static List<string> Differences(BackupManifest manifest, PgFingerprint found, RestoreOptions options, string name, out IReadOnlyList<TableCount> added, out IReadOnlyList<string> more)
    {
        var skipped = options.SkipExtensions;
        var there = found.Tables.Where(t => t.Extension is not null).ToDictionary(t => (t.Schema, t.Name));
        var expected = manifest.Tables.Where(t => t.Extension is null || !skipped.Contains(t.Extension)).Select(t => options.Wants(t.Schema, t.Name) ? t : t with { Rows = 0, Checksum = null }).ToList();
        more = [.. expected.Where(t => IsMore(t, there)).Select(t => $"{t}, which belongs to the extension {there[(t.Schema, t.Name)].Extension}, has different or more rows than in {name}: the extension creates rows by itself ({t.Rows:N0} in {name}, {there[(t.Schema, t.Name)].Rows:N0} in the restored database)")];
        var differences = CountComparison.Differences([.. expected.Where(t => !IsMore(t, there))], found.Tables, name, "the restored database", out added);
        added = [.. added.Where(t => t.Extension is null)];
        return differences;
    }

    /// <summary>What differs, in words.</summary>
    public static IEnumerable<string> SequenceDifferences(BackupManifest manifest, PgFingerprint found, RestoreOptions options) => manifest.Sequences.Except(found.Sequences)
        // A sequence of an extension that was not created does not exist.
        .Where(s => options.SkipExtensions.Count == 0 || found.Sequences.Any(f => (f.Schema, f.Name) == (s.Schema, s.Name)))
        .Select(s => $"the sequence {SqlName.Display(s.Schema, s.Name)} is not at {s.Value}");

    private static bool IsMore(TableCount expected, Dictionary<(string, string), TableCount> there) =>
        there.TryGetValue((expected.Schema, expected.Name), out var found)
        && (found.Rows > expected.Rows || (found.Rows == expected.Rows && expected.Checksum is not null && found.Checksum is not null && found.Checksum != expected.Checksum));
}
