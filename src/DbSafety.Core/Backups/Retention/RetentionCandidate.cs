using DbSafety.Backups.Sets;

namespace DbSafety.Backups.Retention;

/// <summary>A set that counts, and everything that keeps it.</summary>
internal sealed class RetentionCandidate(PgBackup set)
{
    private readonly List<string> rules = [], protections = [];

    public PgBackup Set => set;

    /// <summary>Neither a rule nor the size limit removes it.</summary>
    public bool IsProtected => protections.Count > 0;

    public bool IsKept => IsProtected || rules.Count > 0;

    /// <summary>A rule keeps it, as long as the size limit is not exceeded.</summary>
    public void Keep(string reason) => rules.Add(reason);

    public void Protect(string reason) => protections.Add(reason);

    /// <summary>Why it is kept.</summary>
    public string Reasons => string.Join("; ", protections.Concat(rules));
}
