namespace DbSafety.Migrations.Applying.Scripts;

/// <summary>The state of a script whose run raised an error, read from the database after the error.</summary>
internal enum ScriptEnd
{
    /// <summary>Nothing: every transaction of the script was rolled back.</summary>
    RolledBack,

    /// <summary>The script is more than one transaction, and a part of it was committed.</summary>
    PartsLeft,

    /// <summary>All of it: it is committed and recorded in the migration history.</summary>
    Committed,

    /// <summary>The connection was lost, and the outcome of its last statement could not be queried.</summary>
    Unknown,
}
