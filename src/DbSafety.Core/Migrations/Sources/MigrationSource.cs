namespace DbSafety.Migrations.Sources;

/// <summary>The tool of the migrations; it determines file layout, order and migration history.</summary>
public enum MigrationSource
{
    /// <summary><c>migrations/*/migration.sql</c>, recorded in <c>_prisma_migrations</c>.</summary>
    Prisma,

    /// <summary>The <c>*.sql</c> of <c>meta/_journal.json</c>, or one folder each, recorded in <c>drizzle.__drizzle_migrations</c>.</summary>
    Drizzle,

    /// <summary>Numbered <c>*.sql</c> files, recorded in <c>dbsafety.migrations</c>.</summary>
    Sql,

    /// <summary>Migrations of a tool that runs them itself and keeps their history, such as dbmate or Flyway. They are read, and run with the project's own command.</summary>
    Tool,

    /// <summary>Known only to the project's own command, which also keeps their history.</summary>
    Other,
}
