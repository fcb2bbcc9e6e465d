namespace DbSafety.Migrations.Sources;

/// <summary>How a history table with another name is recognised: all its columns, each with the category of its type (pg_type.typcategory), or the type itself for a time.</summary>
internal static class HistoryColumns
{
    private static readonly (HistoryTable History, HashSet<string> Columns)[] Known =
    [
        Of(HistoryTable.Knex, "id:N name:S batch:N migration_time:timestamptz"),
        Of(HistoryTable.Flyway, "installed_rank:N version:S description:S type:S script:S checksum:N installed_by:S installed_on:timestamp execution_time:N success:B"),
        Of(HistoryTable.GolangMigrate, "version:N dirty:B"),
        Of(HistoryTable.Goose, "id:N version_id:N is_applied:B tstamp:timestamp"),
        Of(HistoryTable.Sqlx, "version:N description:S installed_on:timestamptz success:B checksum:U execution_time:N"),
        Of(HistoryTable.NodePgMigrate, "id:N name:S run_on:timestamp"),
        Of(HistoryTable.TypeOrm, "id:N timestamp:N name:S"),
        Of(HistoryTable.Laravel, "id:N migration:S batch:N"),
        Of(HistoryTable.Kysely, "name:S timestamp:S"),
        Of(HistoryTable.MikroOrm, "id:N name:S executed_at:timestamptz"),
        Of(HistoryTable.SqlMigrate, "id:S applied_at:timestamptz"),
        Of(HistoryTable.Refinery, "version:N name:S applied_on:S checksum:S"),
        Of(HistoryTable.Ecto, "version:N inserted_at:timestamp"),
        Of(HistoryTable.EntityFramework, "MigrationId:S ProductVersion:S"),
        Of(HistoryTable.Alembic, "version_num:S"),
        Of(HistoryTable.Dbmate, "version:S"),
        Of(HistoryTable.Sequelize, "name:S"),
        Of(HistoryTable.Drizzle, "id:N hash:S created_at:N"),
    ];

    /// <summary>The tools whose tables have exactly these columns.</summary>
    public static IEnumerable<HistoryTable> Of(IReadOnlyCollection<string> columns) => Known.Where(k => k.Columns.SetEquals(columns)).Select(k => k.History);

    private static (HistoryTable, HashSet<string>) Of(HistoryTable history, string columns) => (history, [.. columns.Split(' ')]);
}
