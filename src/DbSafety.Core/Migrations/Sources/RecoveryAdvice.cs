using DbSafety.Errors;

namespace DbSafety.Migrations.Sources;

/// <summary>The recommended action for each state that stops a run.</summary>
internal static class RecoveryAdvice
{
    /// <summary>Plain SQL files are recorded by their names, regardless of their project.</summary>
    private const string AnotherProject = "If another project migrates the same database, its files are recorded in dbsafety.migrations too: keep the files of both in one folder, with different names, or use a separate database for each project.";

    public static string Modified(MigrationFolder folder) =>
        "Restore the file that ran from version control, and put the change into a new migration."
        + (folder.Source == MigrationSource.Sql ? $" {AnotherProject}" : folder.Tool?.Name == MigrationTools.Flyway.Name ? " If only comments changed: flyway repair records the file as it is now." : "");

    public static string Missing(MigrationSource source) =>
        "Restore the file from version control; the code and the database have different versions." + (source == MigrationSource.Sql ? $" {AnotherProject}" : source == MigrationSource.Prisma ? $" If one migration, the first of the folder, replaced it (squashed), mark that one as applied: {Advice.Of($"migration resolve PATH --applied NAME")}." : "");

    public static string Squashed(string name) => $"Its folder was removed; {name}, which was marked as applied later, replaced it.";

    public static string Doubtful(string name, string why) => $"{char.ToUpperInvariant(why[0])}{why[1..]}, so it is not run. Rename it if it is a migration, or move it out of the folder; if it must not run again, mark it as applied: {Advice.Of($"migration resolve PATH --applied \"{name}\"")}.";

    public static string OrderDoubtful(string why) => $"The order is not certain, so it is not run: {why}. Begin each name with a number (001_name.sql) or a date (20240131_name.sql).";

    public const string NoScript = "Restore its migration.sql, or remove the empty folder.";

    public static string Failed(PgMigration migration) =>
        $"Find out which of its changes are in the database (see its log), then mark it: {Advice.Of($"migration resolve PATH --rolled-back \"{migration.Name}\"")} to run it again, or {Advice.Of($"--applied \"{migration.Name}\"")} if all of them are"
        + (migration.Source == MigrationSource.Prisma ? $" (npx prisma migrate resolve --rolled-back \"{migration.Name}\" and --applied do the same)." : ".");

    public static string Resumes(PgMigration migration, int done, int statements) =>
        $"{done} of its {statements} statements have been run. The next run continues after them. To run all statements again, undo them first, then: {Advice.Of($"migration resolve PATH --rolled-back \"{migration.Name}\"")}.";

    public const string TimeChanged = "Its time in the journal or the name of its folder was changed after it ran, so Drizzle would run it again. Restore the \"when\" or the name that the migration history has.";

    public static string OutOfOrder(MigrationFolder folder, string last) => folder.Drizzle?.Layout == DrizzleLayout.Journal
        ? $"Drizzle skips it without a message, because {last}, which has a later \"when\" in the journal, has already run. Generate it again, so that it comes last, or run it anyway with {Advice.Of($"--allow-out-of-order")}."
        : $"Rename it so that it comes after {last}, which has already run, or run it anyway with {Advice.Of($"--allow-out-of-order")}.";

    public static string Unlisted(MigrationSource source, string name) => source == MigrationSource.Drizzle
        ? "It is not in Drizzle's journal, so it is not run. Create it with drizzle-kit generate --custom, or remove it."
        : name.StartsWith("R__", StringComparison.Ordinal)
        ? "Repeatable migrations are not run. Rename it to a numbered migration."
        : name.Contains('/', StringComparison.Ordinal)
        ? "It is in a subfolder, which is not read. Move it, or specify that folder."
        : "It has no number, but other files have numbers, so its place in their order is not known and it is not run.";
}
