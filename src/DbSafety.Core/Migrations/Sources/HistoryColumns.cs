namespace DbSafety.Migrations.Sources;

/// <summary>How a history table with another name is recognised: all its columns, each with the category of its type (pg_type.typcategory), or the type itself for a time.</summary>
internal static class HistoryColumns
{
    private static readonly (ToolHistory History, HashSet<string> Columns)[] Known =
    [
        Of(ToolHistory.Knex, "id:N name:S batch:N migration_time:timestamptz"),
        Of(ToolHistory.Flyway, "installed_rank:N version:S description:S type:S script:S checksum:N installed_by:S installed_on:timestamp execution_time:N success:B"),
        Of(ToolHistory.GolangMigrate, "version:N dirty:B"),
        Of(ToolHistory.Goose, "id:N version_id:N is_applied:B tstamp:timestamp"),
        Of(ToolHistory.Sqlx, "version:N description:S installed_on:timestamptz success:B checksum:U execution_time:N"),
        Of(ToolHistory.NodePgMigrate, "id:N name:S run_on:timestamp"),
        Of(ToolHistory.TypeOrm, "id:N timestamp:N name:S"),
        Of(ToolHistory.Laravel, "id:N migration:S batch:N"),
        Of(ToolHistory.Kysely, "name:S timestamp:S"),
        Of(ToolHistory.MikroOrm, "id:N name:S executed_at:timestamptz"),
        Of(ToolHistory.SqlMigrate, "id:S applied_at:timestamptz"),
        Of(ToolHistory.Refinery, "version:N name:S applied_on:S checksum:S"),
        Of(ToolHistory.Ecto, "version:N inserted_at:timestamp"),
        Of(ToolHistory.EntityFramework, "MigrationId:S ProductVersion:S"),
        Of(ToolHistory.Alembic, "version_num:S"),
        Of(ToolHistory.Dbmate, "version:S"),
        Of(ToolHistory.Sequelize, "name:S"),
        Of(ToolHistory.Drizzle, "id:N hash:S created_at:N"),
    ];

    /// <summary>The tools whose tables have exactly these columns.</summary>
    public static IEnumerable<ToolHistory> Of(IReadOnlyCollection<string> columns) => Known.Where(k => k.Columns.SetEquals(columns)).Select(k => k.History);

    private static (ToolHistory, HashSet<string>) Of(ToolHistory history, string columns) => (history, [.. columns.Split(' ')]);
}
