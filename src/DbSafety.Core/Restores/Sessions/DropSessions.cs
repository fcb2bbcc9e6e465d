using System.Diagnostics;
using Npgsql;

namespace DbSafety.Restores.Sessions;

/// <summary>Whose sessions are ended before a database is dropped.</summary>
internal enum DropSessions
{
    /// <summary>Everybody's: a run drops the database that it created itself.</summary>
    End,

    /// <summary>Those of DbSafety, which a killed run left. Whoever else is connected keeps the database.</summary>
    EndOurs,

    /// <summary>Nobody's: whoever is connected keeps the database.</summary>
    Keep,
}
