using System.CommandLine;
using DbSafety.Cli.Options;
using DbSafety.Cli.Rendering;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Retained;

namespace DbSafety.Cli.Verbs;

/// <summary><c>dbsafety retained list|remove</c>.</summary>
internal static class RetainedVerbs
{
    public static Command Create(ScreenOptions screens)
    {
        var command = new Command("retained", "List and drop the databases that restores, undos and migrations retained.");
        command.Add(List(screens));
        command.Add(Remove(screens));
        return command;
    }

    private static Command List(ScreenOptions screens)
    {
        var command = new Command("list", "List the retained databases of a server, the newest first.");
        var database = new Argument<string?>("database") { Description = "The database that they were: a name, or a pattern with * and ?. Default: all databases.", Arity = ArgumentArity.ZeroOrOne };
        var target = new TargetOptions();
        command.Add(database);
        target.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            await using var chosen = await target.OpenAsync(parsed, screen, ct);
            screen.Show(await new ListRetained().RunAsync(new RetainedListRequest(chosen.Target) { Database = parsed.GetValue(database) }, screen, ct), Listed);
            return 0;
        });
        return command;
    }

    private static Command Remove(ScreenOptions screens)
    {
        var command = new Command("remove", "Drop retained databases. This cannot be undone, so it asks for confirmation. A database that a session uses is not dropped.");
        var names = new Argument<string[]>("name") { Description = "The retained databases to drop: their own names, or patterns with * and ?.", Arity = ArgumentArity.ZeroOrMore };
        var of = new Option<string?>("--of") { Description = "Only retained databases of this database: a name, or a pattern with * and ?. Default: of all databases of the server, whichever database the URL, the env file or --database specifies.", HelpName = "database" };
        var keepDays = new Option<double?>("--keep-days") { Description = "Only databases that were retained more than that many days ago; at least one hour. Without --of: of all databases of the server.", CustomParser = RetentionOptions.Days };
        var whatIf = new Option<bool>("--what-if") { Description = "Only show what would be dropped." };
        var target = new TargetOptions();
        command.Add(names);
        command.Add(of);
        command.Add(keepDays);
        target.AddTo(command);
        command.Add(whatIf);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            await using var chosen = await target.OpenAsync(parsed, screen, ct);
            var request = new RetainedRemovalRequest(chosen.Target)
            {
                Names = parsed.GetValue(names) ?? [],
                Database = parsed.GetValue(of),
                KeepFor = parsed.GetValue(keepDays) is { } days ? TimeSpan.FromDays(days) : null,
            };
            var plan = await new PlanRetainedRemovals().RunAsync(request, screen, ct);
            if (parsed.GetValue(whatIf))
                screen.Show(plan, r => $"would drop  {Listed(r)}");
            else if (plan.Count == 0 || screen.Agrees($"{string.Concat(plan.Select(r => Listed(r) + "\n"))}Drop {(plan.Count == 1 ? "this retained database" : $"these {plan.Count} retained databases")}? This cannot be undone.", "retained remove"))
                await DropAsync(plan, chosen, screen, ct);
            else
                screen.Show(Array.Empty<PgRetainedDatabase>(), Line);
            return 0;
        });
        return command;
    }

    /// <summary>A database that is not dropped does not stop the others; its error is the command's.</summary>
    private static async Task DropAsync(IReadOnlyList<PgRetainedDatabase> plan, ChosenTarget chosen, Screen screen, CancellationToken ct)
    {
        var (dropped, failures) = (new List<PgRetainedDatabase>(), new List<DbSafetyException>());
        foreach (var retained in plan)
        {
            try
            {
                dropped.Add(await new RemoveRetained().RunAsync(new RetainedDropRequest(retained, chosen.Target), screen, ct));
            }
            catch (DbSafetyException e) when (!ct.IsCancellationRequested)
            {
                failures.Add(e);
            }
        }

        screen.Show(dropped, r => $"dropped  {Line(r)}");
        foreach (var failure in failures.Skip(1))
            screen.Warning($"{failure.Code}: {failure.Message}");
        if (failures.Count > 0)
            throw failures[0];
    }

    private static string Listed(PgRetainedDatabase retained) => Line(retained) + (retained.CanUndo ? "" : $"; {retained.Database} no longer exists, was renamed or has another owner");

    private static string Line(PgRetainedDatabase retained) =>
        $"{retained.RetainedAt:yyyy-MM-dd HH:mm:ss}Z  {retained.Name}  {(retained.Bytes is { } bytes ? ByteSize.Text(bytes) : "unknown size")}, retained by {retained.By}, {retained.Connections} sessions";
}
