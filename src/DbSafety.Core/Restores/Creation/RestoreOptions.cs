using DbSafety.Backups.Dumps.Archives;
using DbSafety.Backups.Sets.Folders;

namespace DbSafety.Restores.Creation;

/// <summary>The parts of a set that are restored, and their owners. All options except NoOwner need an archive: custom, directory or, of other tools, tar.</summary>
public sealed record RestoreOptions
{
    /// <summary>Everything belongs to the restoring role, and grants are left out.</summary>
    public bool NoOwner { get; init; }

    /// <summary>Roles of the backup, and the roles of this server that replace them.</summary>
    public IReadOnlyDictionary<string, string> RoleMap { get; init; } = new Dictionary<string, string>();

    /// <summary>Extensions that are not created; objects that need them must exist, or the restore fails.</summary>
    public IReadOnlyList<string> SkipExtensions { get; init; } = [];

    /// <summary>
    /// Rows of these tables only, each as <c>schema.table</c> or, in schema public, <c>table</c>; all definitions except foreign keys are created.
    /// Empty: all. Only into a database that does not exist yet.
    /// </summary>
    public IReadOnlyList<string> Tables { get; init; } = [];

    /// <summary>The restore must not connect to other servers: materialized views that read foreign tables stay empty.</summary>
    internal bool ReachesNone { get; init; }

    /// <summary>The copy is not isolated from other servers: what connects to them is disabled in it, as <see cref="DisabledExtensions"/> says.</summary>
    internal bool DisablesExtensions { get; init; }

    internal bool IsDefault => !NoOwner && RoleMap.Count == 0 && SkipExtensions.Count == 0 && Tables.Count == 0;

    /// <summary>Whether a table's rows are wanted.</summary>
    internal bool Wants(string schema, string table) =>
        Tables.Count == 0 || Tables.Contains($"{schema}.{table}") || (schema == "public" && Tables.Contains(table));

    /// <summary>Whether an entry without data is created.</summary>
    internal bool Wants(ArchiveEntry entry) =>
        !(entry.Description == "EXTENSION" && SkipExtensions.Contains(entry.Tag))
        && !(entry.Description == "COMMENT" && SkipExtensions.Any(e => entry.Tag == "EXTENSION " + e))
        && !(Tables.Count > 0 && entry.Description == "FK CONSTRAINT");

    /// <summary>Dump ids of rows and sequence values that belong to extensions which are not created. Nothing else in an archive is without the definition of its table or sequence.</summary>
    internal IReadOnlySet<int> Skipped(ArchiveToc toc, BackupManifest manifest)
    {
        if (SkipExtensions.Count == 0)
            return new HashSet<int>();
        var defined = toc.Entries.Where(e => e.Description is "TABLE" or "SEQUENCE").Select(e => (e.Schema, e.Tag)).ToHashSet();
        var extensions = manifest.Tables.Where(t => t.Extension is not null).ToDictionary(t => (t.Schema, t.Name), t => t.Extension!);
        // An archive does not record the owner of a sequence: it belongs to the tables in its schema.
        var kept = extensions.Where(t => !SkipExtensions.Contains(t.Value)).Select(t => t.Key.Schema).ToHashSet();
        return toc.Entries.Where(e => e.Description is "TABLE DATA" or "SEQUENCE SET" && !defined.Contains((e.Schema, e.Tag))
            && (extensions.TryGetValue((e.Schema, e.Tag), out var extension) ? SkipExtensions.Contains(extension) : !kept.Contains(e.Schema))).Select(e => e.DumpId).ToHashSet();
    }

    internal string RoleOf(string role) => RoleMap.GetValueOrDefault(role, role);
}
