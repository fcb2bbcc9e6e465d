namespace DbSafety.Migrations.Sources;

/// <summary>How a Drizzle project lies on the disk.</summary>
internal enum DrizzleLayout
{
    /// <summary><c>0000_name.sql</c> beside <c>meta/_journal.json</c>, of drizzle-kit before 1.0.</summary>
    Journal,

    /// <summary><c>20240101120000_name/migration.sql</c>, of drizzle-kit from 1.0 on.</summary>
    Folders,
}

/// <summary>Where Drizzle's ledger is, and which form it has.</summary>
internal sealed record DrizzleSettings(DrizzleLayout Layout, string Schema = DrizzleSettings.DefaultSchema, string Table = DrizzleSettings.DefaultTable)
{
    public const string DefaultSchema = "drizzle";

    public const string DefaultTable = "__drizzle_migrations";
}
