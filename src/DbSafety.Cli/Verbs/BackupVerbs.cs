using System.CommandLine;
using DbSafety.Backups;
using DbSafety.Docker.Clusters;
using DbSafety.Errors;

namespace DbSafety.Cli.Verbs;

/// <summary><c>dbsafety backup create|test|list</c>.</summary>
internal static class BackupVerbs
{
    public static Command Create(ScreenOptions screens)
    {
        var command = new Command("backup", "Make, test and list backups.");
        command.Add(CreateBackup(screens));
        command.Add(Test(screens));
        command.Add(List(screens));
        return command;
    }

    private static Command CreateBackup(ScreenOptions screens)
    {
        var command = new Command("create", "Make a verified backup: dumped and counted under one snapshot, counted again in the dump.");
        var target = new TargetOptions();
        var destination = new Option<string>("--destination") { Description = "The folder to write to; made where it is not there.", Required = true };
        var environment = new Option<string>("--environment") { Description = "Stands in the set's name.", DefaultValueFactory = _ => "default" };
        var format = new Option<BackupFormat>("--format") { Description = "custom, plain or directory.", DefaultValueFactory = _ => BackupFormat.Custom };
        var labels = new Option<string[]>("--label") { Description = "A free word to find the set by; may be given again.", DefaultValueFactory = _ => [] };
        var passwords = new Option<bool>("--include-passwords") { Description = "Roles' password verifiers go into the globals file too." };
        var volume = new Option<string?>("--volume") { Description = "Read the cluster of this Docker volume, which no running container has; it stays as it is. --database names one of its databases." };
        var image = new Option<string?>("--image") { Description = "With --volume: the image to read it with, where the plain one of its version does not do." };
        target.AddTo(command);
        foreach (var option in new Option[] { destination, environment, format, labels, passwords, volume, image })
            command.Add(option);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            if (parsed.GetValue(volume) is { } left)
            {
                var read = new VolumeBackupRequest(left, parsed.GetRequiredValue(destination))
                {
                    Image = parsed.GetValue(image),
                    Environment = parsed.GetRequiredValue(environment),
                    Format = parsed.GetValue(format),
                    Labels = parsed.GetRequiredValue(labels),
                    IncludePasswords = parsed.GetValue(passwords),
                };
                screen.Show(await new BackupVolume().RunAsync(target.OfVolume(parsed, read), screen, ct), Describe);
                return 0;
            }

            await using var chosen = await target.OpenAsync(parsed, screen, ct);
            var request = new BackupRequest(chosen.Target, parsed.GetRequiredValue(destination))
            {
                Environment = parsed.GetRequiredValue(environment),
                Format = parsed.GetValue(format),
                Labels = parsed.GetRequiredValue(labels),
                IncludePasswords = parsed.GetValue(passwords),
            };
            screen.Show(await new BackupDatabase().RunAsync(request, screen, ct), Describe);
            return 0;
        });
        return command;
    }

    private static Command Test(ScreenOptions screens)
    {
        var command = new Command("test", "Check every byte and every row count of backups, without a server.");
        var sets = new Argument<string[]>("set") { Description = "A manifest, a payload beside its manifest, or a dump of another tool's.", Arity = ArgumentArity.OneOrMore };
        command.Add(sets);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            var results = new List<PgBackupTest>();
            foreach (var set in parsed.GetRequiredValue(sets))
                results.Add(await new TestBackup().RunAsync(new BackupTestRequest(set), screen, ct));
            screen.Show(results, Describe);
            var failed = results.Where(r => !r.Passed).ToList();
            return failed.Count == 0 ? 0 : throw ErrorCatalogue.BackupDamaged.For(failed[0].Path, string.Join("; ", failed[0].Problems));
        });
        return command;
    }

    private static Command List(ScreenOptions screens)
    {
        var command = new Command("list", "The backups in a folder, the newest first.");
        var folder = new Argument<string>("folder");
        var database = new Option<string?>("--database") { Description = "Only this database's." };
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

    internal static string Describe(PgBackup backup) =>
        $"backed up {backup.Database}: {backup.Tables} tables, {backup.Rows:N0} rows, {Screen.Size(backup.Bytes)} in {Screen.Time(backup.Duration)}; counted twice, both the same\n  {backup.Path}"
        + string.Concat(backup.Manifest.NotProven.Select(n => $"\n  not proven: {n}"));

    internal static string Describe(PgBackupTest test) => test.State == BackupState.Foreign
        ? $"whole by its structure: {test.Path}\n  {test.Tables} tables, {test.Rows:N0} rows, {Screen.Size(test.Bytes)}; made by another tool ({Screen.Time(test.Duration)})"
            + string.Concat(test.NotProven.Select(n => $"\n  not proven: {n}"))
        : test.Passed
        ? $"whole: {test.Path}\n  {test.Tables} tables, {test.Rows:N0} rows and {Screen.Size(test.Bytes)} are as the manifest says ({Screen.Time(test.Duration)})"
        : $"DAMAGED: {test.Path}\n  {string.Join("\n  ", test.Problems)}";

    private static string Line(PgBackup backup) =>
        $"{backup.SnapshotTime:yyyy-MM-dd HH:mm:ss}Z  {backup.State,-8}{backup.Database,-20} {backup.Rows,12:N0} rows {Screen.Size(backup.Bytes),10}  {Path.GetFileName(backup.Path)}";
}
