using System.CommandLine;
using DbSafety.Cli.Options;
using DbSafety.Cli.Rendering;
using DbSafety.Operations;
using DbSafety.Restores.Creation;
using DbSafety.Restores;

namespace DbSafety.Cli.Verbs;

/// <summary><c>dbsafety restore run|undo</c>. Both retain the previous database, so neither asks for confirmation.</summary>
internal static class RestoreVerbs
{
    public static Command Create(ScreenOptions screens)
    {
        var command = new Command("restore", "Restore a backup beside the live database, verify it, and swap the two; or undo a restore.");
        command.Add(Run(screens));
        command.Add(Undo(screens));
        return command;
    }

    private static Command Run(ScreenOptions screens)
    {
        var command = new Command("run", "Restore a set as the target database. It is created if it does not exist; an existing database is retained.");
        var set = new Argument<string>("set") { Description = "A manifest, or a dump beside its manifest." };
        var target = new TargetOptions();
        var whatIf = WhatIf();
        var options = new RestoreRunOptions();
        command.Add(set);
        target.AddTo(command);
        options.AddTo(command);
        command.Add(whatIf);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            await using var chosen = await target.OpenAsync(parsed, screen, ct);
            var request = options.Apply(parsed, new RestoreRequest(parsed.GetRequiredValue(set), chosen.Target) { WhatIf = parsed.GetValue(whatIf) });
            screen.Show(await new RestoreDatabase().RunAsync(request, screen, ct), Describe);
            return 0;
        });
        return command;
    }

    private static Command Undo(ScreenOptions screens)
    {
        var command = new Command("undo", "Swap in the database that the last restore retained.");
        var target = new TargetOptions();
        var to = new Option<string?>("--to") { Description = "The retained database to swap in, by its name. Needed to go back further after an undo.", HelpName = "name" };
        var unmarked = new Option<bool>("--allow-unmarked") { Description = "Allow --to to specify a database without the mark of DbSafety, which can be a retained database of an earlier version or an unrelated database." };
        var (slotLoss, whatIf) = (RestoreRunOptions.SlotLoss(), WhatIf());
        target.AddTo(command);
        command.Add(to);
        command.Add(unmarked);
        command.Add(slotLoss);
        command.Add(whatIf);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            await using var chosen = await target.OpenAsync(parsed, screen, ct);
            var request = new UndoRestoreRequest(chosen.Target) { AllowSlotLoss = parsed.GetValue(slotLoss), WhatIf = parsed.GetValue(whatIf), To = parsed.GetValue(to), AllowUnmarked = parsed.GetValue(unmarked) };
            screen.Show(await new UndoRestore().RunAsync(request, screen, ct), Describe);
            return 0;
        });
        return command;
    }

    private static Option<bool> WhatIf() => new("--what-if") { Description = "Only check, and show what would be done." };

    internal static string Describe(PgRestore restore)
    {
        var what = restore switch
        {
            { WhatIf: true } => $"would restore {restore.Database} on {restore.Server}; nothing was changed",
            { Backup: null } => $"swapped the retained database in as {restore.Database} on {restore.Server}; the swap took {Screen.Time(restore.SwapDuration)}",
            _ => $"restored {restore.Database} on {restore.Server}: {restore.Tables} tables, {restore.Rows:N0} rows{(restore.Notes.Any(IsOpen) ? " in the backup, which could not all be compared" : ", the same as in the backup")}; {Screen.Time(restore.Duration)}, swapped in {Screen.Time(restore.SwapDuration)}",
        };
        var kept = restore.RetainedAs is null ? "" : restore.WhatIf ? $"\n  the current database would be retained as {restore.RetainedAs}" : $"\n  the {(restore.Backup is null ? "restored" : "previous")} database is retained as {restore.RetainedAs} ({ByteSize.Text(restore.KeptBytes ?? 0)})";
        return what + kept + string.Concat(restore.Notes.Select(n => "\n  " + n)) + Screen.Undo(restore.Undo);
    }

    private static bool IsOpen(string note) => note.StartsWith("not comparable: ", StringComparison.Ordinal);
}
