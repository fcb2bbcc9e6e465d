namespace DbSafety.Databases.Tables;

/// <summary>A table differs from its state in the snapshot, or another session changes it before it can be locked: the backup is retried.</summary>
internal sealed class TablesChangedException(string what, IReadOnlyList<long> tables, Exception? cause = null) : Exception(what, cause)
{
    /// <summary>The OIDs of the tables, if known.</summary>
    public IReadOnlyList<long> Tables => tables;
}
