namespace DbSafety.Databases.Tables;

/// <summary>A table is no longer what the snapshot says of it, or cannot be locked before another session changes it: the backup starts again.</summary>
internal sealed class TablesChangedException(string what, IReadOnlyList<long> tables, Exception? cause = null) : Exception(what, cause)
{
    /// <summary>The OIDs of the tables, as far as they are known.</summary>
    public IReadOnlyList<long> Tables => tables;
}
