using DbSafety.Databases.Connections;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Concurrency;
using DbSafety.Migrations.Histories;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>Where and how migrations are applied.</summary>
/// <param name="Target">As the role that runs them.</param>
/// <param name="Observer">A second session on the same database, in no transaction.</param>
/// <param name="History">What the migration history must say.</param>
internal sealed record MigrationApplierSettings(MigrationProject Project, DatabaseTarget Target, NpgsqlConnection Observer, Coverage Coverage, ApplySettings Settings, HistoryGuard History)
{
    /// <summary>The rehearsal continues, to find all losses; production rolls back.</summary>
    public bool AllowsLosses { get; init; }

    /// <summary>No rehearsal has counted the values of columns.</summary>
    public bool CountsValues { get; init; }

    /// <summary>Saves rows of allowed losses that are not in the backup; null: there is no backup, or the database is a copy.</summary>
    public RowsSinceBackup? Since { get; init; }

    /// <summary>Records what the scripts write; null: not needed.</summary>
    public OwnWrites? Own { get; init; }
}
