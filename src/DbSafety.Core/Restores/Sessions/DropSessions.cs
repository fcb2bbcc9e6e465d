using System.Diagnostics;
using Npgsql;

namespace DbSafety.Restores.Sessions;

/// <summary>Which sessions are terminated before a database is dropped.</summary>
internal enum DropSessions
{
    /// <summary>All sessions: a run drops the database that it created itself.</summary>
    End,

    /// <summary>Only sessions of DbSafety, which a killed run left. Any other session keeps the database.</summary>
    EndOurs,

    /// <summary>No sessions: any session keeps the database.</summary>
    Keep,
}
