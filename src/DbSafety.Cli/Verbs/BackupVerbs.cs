using System.CommandLine;
using DbSafety.Backups;
using DbSafety.Backups.Last;
using DbSafety.Backups.Retention;
using DbSafety.Backups.Sets;
using DbSafety.Cli.Options;
using DbSafety.Cli.Rendering;
using DbSafety.Databases;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores;

namespace DbSafety.Cli.Verbs;

/// <summary><c>dbsafety backup create|test|list|last|remove</c>.</summary>
internal static class BackupVerbs
{
    public static Command Create(ScreenOptions screens)
    {
        var command = new Command("backup", "Create, test, list and remove backups.");
        command.Add(CreateBackup(screens));
        command.Add(Test(screens));
        command.Add(List(screens));
        command.Add(Last(screens));
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

    private static Command Last(ScreenOptions screens)
    {
        var command = new Command("last", "Show the newest proven backup of a database, or of each database in the folders. Exit code 4 if one is missing or too old.");
        var target = new TargetOptions();
        var folders = new Option<string[]>("--path") { Description = "A folder with backups; can be specified several times. Default: the folders in which this user has created backups, according to the log." };
        var maxAge = new Option<TimeSpan?>("--max-age") { Description = "A backup that is older is stale: 30d, 12h, 8w, or d.hh:mm:ss. Default: 26h.", CustomParser = RetentionOptions.Age };
        var all = new Option<bool>("--all-databases") { Description = "Each database of the server, also without a backup." };
        target.AddTo(command);
        command.Add(folders);
        command.Add(maxAge);
        command.Add(all);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            await using var chosen = parsed.GetValue(all) ? await target.OpenAsync(parsed, screen, ct) : await target.FindAsync(parsed, screen, ct);
            var request = new LastBackupRequest { Folders = parsed.GetValue(folders) ?? [], MaxAge = parsed.GetValue(maxAge) ?? LastBackupRequest.DefaultMaxAge };
            if (chosen is not null)
                request = request with { Databases = parsed.GetValue(all) ? [.. (await new ListDatabases().RunAsync(new DatabaseListRequest(chosen.Target), screen, ct)).Where(d => d.AllowsConnections).Select(d => d.ToTarget())] : [chosen.Target] };
            var last = await new GetLastBackups().RunAsync(request, screen, ct);
            screen.Show(last, Describe);
            var stale = last.Where(b => b.IsStale).Select(b => b.Database).ToList();
            return stale.Count == 0 ? 0 : throw ErrorCatalogue.BackupStale.For(string.Join(", ", stale), AgeText.Of(request.MaxAge));
        });
        return command;
    }

    private static Command Remove(ScreenOptions screens)
    {
        var command = new Command("remove", "Remove the backups that no rule keeps. Only intact sets count; the last intact set of each server, environment and database is never removed.");
        var options = new RetentionOptions();
        var whatIf = new Option<bool>("--what-if") { Description = "Only show what would be removed." };
        var all = new Option<bool>("--all") { Description = "Also list the backups that are not removed, with the reasons." };
        options.AddTo(command);
        command.Add(whatIf);
        command.Add(all);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            var request = options.Request(parsed);
            var decided = await new PlanRetention().RunAsync(request, screen, ct);
            if (!parsed.GetValue(whatIf))
                decided = await new RemoveBackups { Retention = request }.RunAsync(decided, screen, ct);
            var word = parsed.GetValue(whatIf) ? "would remove" : "removed";
            screen.Show([.. decided.Where(b => b.Decision == RetentionDecision.Remove || parsed.GetValue(all))], b => $"{(b.Decision == RetentionDecision.Remove ? word : b.Decision == RetentionDecision.Keep ? "kept" : "ignored")}  {Line(b)}: {b.Reason}");
            return 0;
        });
        return command;
    }

    internal static string Describe(PgBackup backup) => backup.IsReused
        ? $"no backup created: {backup.Database} has an intact backup of {backup.SnapshotTime:yyyy-MM-dd HH:mm:ss}Z\n  {backup.Path}"
        : $"backed up {backup.Database}: {backup.Tables} tables, {backup.Rows:N0} rows, {ByteSize.Text(backup.Bytes)} in {Screen.Time(backup.Duration)}; both counts agree\n  {backup.Path}"
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

    internal static string Describe(PgLastBackup last) =>
        $"{(last.IsStale ? "STALE" : "ok"),-6} {last.Database} on {last.SourceServer}: "
        + (last.Backup is { } backup ? $"{(last.Age is { } age ? $"{AgeText.Of(age)} old" : "of an unknown age")}, {backup.Rows:N0} rows\n  {backup.Path}" : "no backup")
        + (last.LastDrill is { } drill ? $"\n  last drill {drill:yyyy-MM-dd HH:mm}Z, {Screen.Time(last.DrillDuration!.Value)}" : "\n  never drilled")
        + (last.LastRestore is { } restore ? $"\n  last restore {restore:yyyy-MM-dd HH:mm}Z, {Screen.Time(last.RestoreDuration!.Value)}" : "")
        + string.Concat(last.Notes.Select(n => $"\n  {n}"));

    private static string Line(PgBackup backup) =>
        $"{backup.SnapshotTime:yyyy-MM-dd HH:mm:ss}Z  {backup.State,-8}{backup.Database,-20} {backup.Rows,12:N0} rows {ByteSize.Text(backup.Bytes),10}  {Path.GetFileName(backup.Path)}{(backup.SourceServer.Length > 0 ? "  " + backup.SourceServer : "")}";
}
