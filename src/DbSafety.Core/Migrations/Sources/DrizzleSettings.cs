namespace DbSafety.Migrations.Sources;

/// <summary>The layout of a Drizzle project.</summary>
internal enum DrizzleLayout
{
    /// <summary><c>0000_name.sql</c> beside <c>meta/_journal.json</c>, of drizzle-kit before 1.0.</summary>
    Journal,

    /// <summary><c>20240101120000_name/migration.sql</c>, of drizzle-kit 1.0 and later.</summary>
    Folders,
}

/// <summary>The location and format of Drizzle's migration history.</summary>
internal sealed record DrizzleSettings(DrizzleLayout Layout, string Schema = DrizzleSettings.DefaultSchema, string Table = DrizzleSettings.DefaultTable)
{
    public const string DefaultSchema = "drizzle";

    public const string DefaultTable = "__drizzle_migrations";
}
