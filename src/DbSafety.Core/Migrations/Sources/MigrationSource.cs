namespace DbSafety.Migrations.Sources;

/// <summary>Whose migrations they are; it decides file layout, order and ledger.</summary>
public enum MigrationSource
{
    /// <summary><c>migrations/*/migration.sql</c>, recorded in <c>_prisma_migrations</c>.</summary>
    Prisma,

    /// <summary>The <c>*.sql</c> of <c>meta/_journal.json</c>, or one folder each, recorded in <c>drizzle.__drizzle_migrations</c>.</summary>
    Drizzle,

    /// <summary>Numbered <c>*.sql</c> files, recorded in <c>dbsafety.migrations</c>.</summary>
    Sql,

    /// <summary>Those of a tool that runs them itself and keeps their history, such as dbmate or Flyway. They are read, and run by the project's own command.</summary>
    Tool,

    /// <summary>Known to the project's own command alone, which keeps their history too.</summary>
    Other,
}
