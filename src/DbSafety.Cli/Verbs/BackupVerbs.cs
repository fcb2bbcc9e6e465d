using System.CommandLine;
using DbSafety.Backups;
using DbSafety.Backups.Retention;
using DbSafety.Backups.Sets;
using DbSafety.Cli.Options;
using DbSafety.Cli.Rendering;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores;

namespace DbSafety.Cli.Verbs;

/// <summary><c>dbsafety backup create|test|list|remove</c>.</summary>
internal static class BackupVerbs
{
    public static Command Create(ScreenOptions screens)
    {
        var command = new Command("backup", "Create, test, list and remove backups.");
        command.Add(CreateBackup(screens));
        command.Add(Test(screens));
        command.Add(List(screens));
        command.Add(Remove(screens));
        return command;
    }

    private static Command CreateBackup(ScreenOptions screens)
    {
        var command = new Command("create", "Create a verified backup: dump and count in one snapshot, count again in the dump.");
        var options = new BackupOptions();
        options.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            screen.Show(await options.RunAsync(parsed, screen, ct), Describe);
            return 0;
        });
        return command;
    }

    private static Command Test(ScreenOptions screens)
    {
        var command = new Command("test", "Test every byte and every row count of backups, without a server.");
        var sets = new Argument<string[]>("set") { Description = "A manifest, a dump beside its manifest, or a dump of another tool.", Arity = ArgumentArity.OneOrMore };
        var drill = new Option<bool>("--drill") { Description = "Also restore each set on a temporary server, and compare the result with the manifest." };
        command.Add(sets);
        command.Add(drill);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            var results = new List<PgBackupTest>();
            IOperation<BackupTestRequest, PgBackupTest> test = parsed.GetValue(drill) ? new DrillBackup() : new TestBackup();
            foreach (var set in parsed.GetRequiredValue(sets))
                results.Add(await test.RunAsync(new BackupTestRequest(set), screen, ct));
            screen.Show(results, Describe);
            var failed = results.Where(r => !r.Passed).ToList();
            return failed.Count == 0 ? 0 : throw (failed[0].State == BackupState.Damaged ? ErrorCatalogue.BackupDamaged : ErrorCatalogue.IntactNotRestorable).For(failed[0].Path, string.Join("; ", failed[0].Problems));
        });
        return command;
    }

    private static Command List(ScreenOptions screens)
    {
        var command = new Command("list", "List the backups in a folder, the newest first.");
        var folder = new Argument<string>("folder");
        var database = new Option<string?>("--database") { Description = "Only backups of this database." };
        command.Add(folder);
        command.Add(database);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            screen.Show(await new ListBackups().RunAsync(new BackupListRequest(parsed.GetRequiredValue(folder), parsed.GetValue(database)), screen, ct), Line);
            return 0;
        });
        return command;
    }

    private static Command Remove(ScreenOptions screens)
    {
        var command = new Command("remove", "Remove the backups that no rule keeps. Only intact sets count; the last intact set of each server, environment and database is never removed.");
        var options = new RetentionOptions();
        var whatIf = new Option<bool>("--what-if") { Description = "Only show what would be removed." };
        options.AddTo(command);
        command.Add(whatIf);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            var request = options.Request(parsed);
            var plan = await new PlanRemovals().RunAsync(request, screen, ct);
            var word = parsed.GetValue(whatIf) ? "would remove" : "removed";
            screen.Show(parsed.GetValue(whatIf) ? plan : await new RemoveBackups { Retention = request }.RunAsync(plan, screen, ct), b => $"{word}  {Line(b)}");
            return 0;
        });
        return command;
    }

    internal static string Describe(PgBackup backup) =>
        $"backed up {backup.Database}: {backup.Tables} tables, {backup.Rows:N0} rows, {ByteSize.Text(backup.Bytes)} in {Screen.Time(backup.Duration)}; both counts agree\n  {backup.Path}"
        + (backup.Manifest.Scope is { } scope ? $"\n  only a part of {backup.Database}: {scope}; without the rows of {Screen.List(scope.LeftOut)}" : "")
        + string.Concat(backup.Manifest.NotProven.Select(n => $"\n  not proven: {n}"));

    internal static string Describe(PgBackupTest test) => Found(test)
        + (test.DrilledOn is { } server && test.Passed ? $"\n  restored on {server} and compared ({Screen.Time(test.DrillDuration!.Value)})" : "")
        + string.Concat(test.Notes.Select(n => $"\n  {n}"));

    private static string Found(PgBackupTest test) => test is { State: BackupState.Foreign, Passed: true }
        ? $"intact (structure): {test.Path}\n  {test.Tables} tables, {test.Rows:N0} rows, {ByteSize.Text(test.Bytes)}; created by another tool ({Screen.Time(test.Duration)})"
            + string.Concat(test.NotProven.Select(n => $"\n  not proven: {n}"))
        : test.Passed
        ? $"intact: {test.Path}\n  {test.Tables} tables, {test.Rows:N0} rows and {ByteSize.Text(test.Bytes)} match the manifest ({Screen.Time(test.Duration)})"
        : $"{(test.State == BackupState.Damaged ? "DAMAGED" : "DOES NOT RESTORE")}: {test.Path}\n  {string.Join("\n  ", test.Problems)}";

    private static string Line(PgBackup backup) =>
        $"{backup.SnapshotTime:yyyy-MM-dd HH:mm:ss}Z  {backup.State,-8}{backup.Database,-20} {backup.Rows,12:N0} rows {ByteSize.Text(backup.Bytes),10}  {Path.GetFileName(backup.Path)}{(backup.SourceServer.Length > 0 ? "  " + backup.SourceServer : "")}";
}
