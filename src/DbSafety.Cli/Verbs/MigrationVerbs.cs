using System.CommandLine;
using DbSafety.Analysis.Reports;
using DbSafety.Cli.Options;
using DbSafety.Cli.Rendering;
using DbSafety.Migrations;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;

namespace DbSafety.Cli.Verbs;

/// <summary><c>dbsafety migration list|test|run|resolve</c>.</summary>
internal static class MigrationVerbs
{
    private const int Refused = 3;

    public static Command Create(ScreenOptions screens)
    {
        var command = new Command("migration", "List, test, run and resolve migrations.");
        command.Add(List(screens));
        command.Add(Test(screens));
        command.Add(Run(screens));
        command.Add(Resolve(screens));
        return command;
    }

    private static Argument<string> FolderArgument() => new("path") { Description = MigrationRunOptions.Where };

    private static Command List(ScreenOptions screens)
    {
        var command = new Command("list", "List applied, pending, failed, modified, missing and out-of-order migrations.");
        var folder = FolderArgument();
        var source = MigrationRunOptions.SourceOption();
        var target = new TargetOptions();
        command.Add(folder);
        target.AddTo(command);
        command.Add(source);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            await using var chosen = await target.OpenAsync(parsed, screen, ct);
            screen.Show(await new GetMigrations().RunAsync(new MigrationListRequest(parsed.GetRequiredValue(folder), chosen.Target) { Source = parsed.GetValue(source) }, screen, ct), Describe);
            return 0;
        });
        return command;
    }

    private static Command Test(ScreenOptions screens)
    {
        var command = new Command("test", "Analyse what each statement would do to the data, with counts from the live database if one is specified. Exit code 3 if data would be lost or a statement would fail.");
        var options = new MigrationTestOptions();
        options.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            options.CheckInput(parsed);
            await using var chosen = await options.Target.FindAsync(parsed, screen, ct);
            var (any, refuses) = (false, false);
            var findings = AnalyseMigrations.ReadAsync(options.Request(parsed, chosen?.Target), screen, ct).Select(f =>
            {
                any = true;
                refuses |= f.Refuses;
                return f;
            });
            await (options.Format(parsed) switch
            {
                FindingFormat.Sarif => screen.WriteAsync(SarifReport.WriteAsync(findings, options.Path(parsed))),
                FindingFormat.GitHub => screen.WriteAsync(GitHubAnnotations.WriteAsync(findings, options.Path(parsed))),
                var format => screen.ShowAsync(findings, new FindingText().Describe, format == FindingFormat.Json),
            });
            if (!any)
                screen.Information($"no findings in {options.Path(parsed)}");
            return refuses ? Refused : 0;
        });
        return command;
    }

    private static Command Run(ScreenOptions screens)
    {
        var command = new Command("run", "Check, back up, rehearse on a copy, apply, verify, or restore the backup.");
        var options = new MigrationRunOptions();
        options.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            var story = new MigrationStory(screen);
            try
            {
                await using var chosen = await options.Target.OpenAsync(parsed, screen, ct);
                screen.Show(await new RunSafeMigration().RunAsync(options.Request(parsed, chosen.Target), story, ct), MigrationStory.Describe);
            }
            catch when (story.Failed is not null)
            {
                screen.Show(story.Failed, MigrationStory.Describe);
                throw;
            }

            return 0;
        });
        return command;
    }

    private static Command Resolve(ScreenOptions screens)
    {
        var command = new Command("resolve", "Mark migrations as applied or rolled back, or baseline the migration history. No script is run.");
        var options = new MigrationResolveOptions();
        options.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            await using var chosen = await options.Target.OpenAsync(parsed, screen, ct);
            screen.Show(await new ResolveMigration().RunAsync(options.Request(parsed, chosen.Target), screen, ct), Describe);
            return 0;
        });
        return command;
    }

    private static string Describe(PgMigration migration) =>
        $"{migration.State,-11} {migration.Name}{(migration.Tool is { } tool ? $"  ({tool})" : "")}{(migration.AppliedAt is { } at ? $"  ({at.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z)" : "")}{(migration.Note is { } note ? "\n            " + note : "")}";
}
