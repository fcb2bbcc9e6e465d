using System.CommandLine;
using DbSafety.Databases;

namespace DbSafety.Cli.Verbs;

/// <summary><c>dbsafety database measure</c>.</summary>
internal static class DatabaseVerbs
{
    public static Command Create(ScreenOptions screens)
    {
        var command = new Command("database", "Look at databases.");
        command.Add(Measure(screens));
        return command;
    }

    private static Command Measure(ScreenOptions screens)
    {
        var command = new Command("measure", "Exact row counts of every table, sequences, and a hash of all definitions, in one snapshot.");
        var target = new TargetOptions();
        var checksum = new Option<bool>("--checksum") { Description = "Hash every table's rows too, whatever their order." };
        target.AddTo(command);
        command.Add(checksum);
        command.SetAction(async (parsed, ct) =>
        {
            var screen = screens.Of(parsed);
            screen.Show(await new MeasureDatabase().RunAsync(new DatabaseMeasureRequest(target.Get(parsed, screen)) { Checksum = parsed.GetValue(checksum) }, screen, ct), Describe);
            return 0;
        });
        return command;
    }

    internal static string Describe(PgFingerprint fingerprint)
    {
        var width = fingerprint.Tables.Select(t => t.ToString().Length).DefaultIfEmpty(0).Max();
        var lines = fingerprint.Tables.Select(t => $"  {t.ToString().PadRight(width)}  {t.Rows,12:N0} rows{(t.Checksum is null ? "" : "  " + t.Checksum)}")
            .Concat(fingerprint.Sequences.Select(s => $"  sequence {SqlName.Display(s.Schema, s.Name)} at {s.Value}{(s.IsCalled ? "" : " (not used yet)")}"))
            .Concat(fingerprint.NotCounted.Select(n => $"  not counted: {n}"));
        return $"{fingerprint.Database} on {fingerprint.Server}, PostgreSQL {fingerprint.ServerMajor}: {fingerprint.Tables.Count} tables, {fingerprint.Rows:N0} rows, schema {fingerprint.SchemaHash[..12]}\n{string.Join('\n', lines)}";
    }
}
