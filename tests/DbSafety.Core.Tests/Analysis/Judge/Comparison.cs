using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Core.Tests.Analysis.Judge;

/// <summary>Our statements and findings of many scripts beside those of PostgreSQL's parser.</summary>
internal sealed class Comparison(PostgresJudge judge)
{
    private readonly List<Mismatch> mismatches = [];
    private Tally counted = Tally.Nothing;

    public IReadOnlyList<Mismatch> Mismatches => mismatches;

    public Tally Tally => counted with
    {
        Split = mismatches.Count(m => m is { Kind: MismatchKind.Split, Because: null }),
        Explained = mismatches.Count(m => m.Because is not null),
        Missed = mismatches.Count(m => m.Kind == MismatchKind.Missed),
        False = mismatches.Count(m => m.Kind == MismatchKind.False),
    };

    public void Add(string name, string text)
    {
        if (judge.Judge(text) is not { } judged)
            return;
        var understood = judged.Statements.Count(s => s.Version is not null);
        counted = counted with
        {
            Scripts = counted.Scripts + 1,
            Foreign = counted.Foreign + (understood == 0 && judged.Statements.Count > 0 ? 1 : 0),
            Statements = counted.Statements + judged.Statements.Count,
            NotUnderstood = counted.NotUnderstood + judged.Statements.Count - understood,
            ByOtherVersions = counted.ByOtherVersions + judged.Statements.Count(s => s.Version is not null && s.Version != judge.Version),
        };
        CompareStatements(name, text, judged);
    }

    private void CompareStatements(string name, string text, JudgedScript judged)
    {
        var ours = SqlSplitter.Split(text).Where(s => !s.IsPsqlCommand).ToDictionary(s => s.Offset);
        var findings = MigrationAnalyser.Analyse([new SqlScript(name, text)]).ToLookup(f => f.Statement);
        foreach (var theirs in judged.Statements)
        {
            if (!ours.Remove(theirs.Start, out var own) || own.Offset + own.Text.Length != theirs.End || own.Line != theirs.Line)
                mismatches.Add(new Mismatch(MismatchKind.Split, name, theirs.Line, "", own is null ? "ours: nothing begins here" : $"ours: line {own.Line}, {own.Text.Length} characters", Cut(text, theirs)) { Because = Explain(theirs) });
            else if (theirs.Guessed)
                CompareGuess(name, text, theirs, [.. findings[own.Ordinal]]);
            else if (theirs.Version is not null)
                CompareEffects(name, text, theirs, [.. findings[own.Ordinal]]);
        }

        foreach (var extra in ours.Values)
        {
            var around = judged.Statements.LastOrDefault(s => s.Start < extra.Offset && extra.Offset < s.End);
            mismatches.Add(new Mismatch(MismatchKind.Split, name, extra.Line, "", "theirs: nothing begins here", extra.Excerpt) { Because = around is null ? null : Explain(around) });
        }
    }

    private static string? Explain(JudgedStatement statement) =>
        statement.Version is null ? "no parser understands the statement" : statement.Mixed ? "psql reads a command in its middle" : null;

    private void CompareEffects(string name, string text, JudgedStatement theirs, List<MigrationFinding> findings)
    {
        if (findings.Count == 0)
            mismatches.Add(new Mismatch(MismatchKind.Missed, name, theirs.Line, "anything", "there is not one finding", Cut(text, theirs)));
        foreach (var effect in theirs.Effects.Where(e => e.Must))
        {
            counted = counted with { Wanted = counted.Wanted + 1 };
            if (!findings.Any(f => f.InBody == effect.Body && effect.Fits(f.Rule, f.Object)))
                mismatches.Add(new Mismatch(MismatchKind.Missed, name, theirs.Line, effect.Rule, $"wanted {effect}; have {List(findings)}", Cut(text, theirs)));
        }

        // What triggers make of what a called routine writes stands nowhere in the statement.
        foreach (var finding in findings.Where(f => judge.JudgedRules.Contains(f.Rule) && (f.InBody ? theirs.BodyRead : f.RunsAt is null)))
        {
            counted = counted with { Found = counted.Found + 1 };
            if (!theirs.Effects.Any(e => e.Body == finding.InBody && e.Fits(finding.Rule, finding.Object)))
                mismatches.Add(new Mismatch(MismatchKind.False, name, theirs.Line, finding.Rule, $"found {finding.AllowAs}{(finding.InBody ? " (in a body)" : "")}; right are {string.Join(' ', theirs.Effects)}", Cut(text, theirs)));
        }
    }

    /// <summary>Where psql puts the names in, the rule must be right, or the statement be called unknown.</summary>
    private void CompareGuess(string name, string text, JudgedStatement theirs, List<MigrationFinding> findings)
    {
        var missed = theirs.Effects.Where(e => e.Must && !findings.Any(f => f.Rule == e.Rule || f.Rule == "unknown-statement"));
        mismatches.AddRange(missed.Select(e => new Mismatch(MismatchKind.Missed, name, theirs.Line, e.Rule, $"wanted {e} or unknown-statement; have {List(findings)}", Cut(text, theirs))));
    }

    private static string List(List<MigrationFinding> findings) => string.Join(' ', findings.Select(f => f.AllowAs + (f.InBody ? " (in a body)" : "")));

    private static string Cut(string text, JudgedStatement statement) => text[statement.Start..Math.Min(statement.End, statement.Start + 2000)];
}
