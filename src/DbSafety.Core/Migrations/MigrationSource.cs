namespace DbSafety.Migrations;

/// <summary>Whose migrations they are; it decides file layout, order and ledger.</summary>
public enum MigrationSource
{
    /// <summary><c>migrations/*/migration.sql</c>, recorded in <c>_prisma_migrations</c>.</summary>
    Prisma,

    /// <summary>Numbered <c>*.sql</c> files, recorded in <c>dbsafety.migrations</c>.</summary>
    Sql,
}
