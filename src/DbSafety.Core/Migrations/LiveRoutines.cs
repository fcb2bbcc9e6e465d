using DbSafety.Analysis;
using DbSafety.Analysis.Raised;
using DbSafety.Analysis.Rules;
using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Migrations;

/// <summary>Reads the functions that a script calls and the set has not made: their bodies are in the live database.</summary>
internal sealed class LiveRoutines(NpgsqlConnection connection, string defaultSchema)
{
    /// <summary>Functions call functions.</summary>
    private const int Deepest = 8;

    private readonly Dictionary<RelationName, (string? HarmlessBecause, IReadOnlyList<MigrationFinding> Does)> known = [];

    private readonly Dictionary<(RelationName, string Kind, bool IsConditional), (string? HarmlessBecause, IReadOnlyList<MigrationFinding> Does)> triggers = [];

    /// <param name="Volatility">i, s or v.</param>
    /// <param name="Extension">Null: it belongs to none.</param>
    /// <param name="Definition">CREATE FUNCTION …; null where it is none that can be read.</param>
    private sealed record Routine(char Volatility, string? Extension, string? Definition);

    /// <summary>What the function does, in place of the finding that it is not known; or that finding alone.</summary>
    public async Task<IReadOnlyList<MigrationFinding>> ExpandAsync(MigrationFinding finding, CancellationToken ct)
    {
        if (finding is not { Question: { Kind: LiveFactKind.Routine } question })
            return [finding];
        var (reason, does) = await ReadAsync(question.Relation, 1, ct);
        if (reason is null)
            return [finding];
        return
        [
            // A procedure may commit, which its plain statements do not show.
            finding.Rule == UnknownFunction.RuleId ? LiveJudgement.Judge(finding, new LiveAnswer(true, null) { HarmlessBecause = reason }) with { Question = null } : finding with { Question = null },
            .. does.Select(d => d with
            {
                File = finding.File,
                Line = finding.Line,
                Statement = finding.Statement,
                RunsAt = finding.RunsAt,
                Message = $"{d.Message}, in function {question.Relation.Display(defaultSchema)}",
            }),
        ];
    }

    /// <inheritdoc cref="ReadAsync(RelationName, int, CancellationToken)"/>
    public Task<(string? HarmlessBecause, IReadOnlyList<MigrationFinding> Does)> ReadAsync(RelationName name, CancellationToken ct) => ReadAsync(name, 1, ct);

    /// <summary>What a trigger's function does for that kind of change. What runs only under a condition is not certain, and stops no run: the rehearsal and the counts before the commit show whether it happens.</summary>
    /// <param name="isConditional">The trigger has a WHEN condition.</param>
    public async Task<(string? HarmlessBecause, IReadOnlyList<MigrationFinding> Does)> ReadTriggerAsync(RelationName name, string kind, bool isConditional, CancellationToken ct)
    {
        if (triggers.TryGetValue((name, kind, isConditional), out var read))
            return read;
        var overloads = await FindAsync(name, ct);
        var (reason, does) = Judge(name, Kept(overloads, d => TriggerBranches.Reached(d, kind)));
        var certain = isConditional ? [] : Judge(name, Kept(overloads, d => TriggerBranches.Certain(d, kind))).Does;
        (does, certain) = (await WithCalledAsync(does, 1, ct), await WithCalledAsync(certain, 1, ct));
        return triggers[(name, kind, isConditional)] = (reason, [.. does.Select(d => d.Severity != FindingSeverity.Destructive || certain.Any(c => (c.Rule, c.Object, c.Message) == (d.Rule, d.Object, d.Message))
            ? d : d with { Severity = FindingSeverity.Breaking, Question = null, Message = $"{d.Message}, if a condition of the trigger or its function holds" })]);
    }

    private static List<Routine> Kept(List<Routine> overloads, Func<string, string> keep) => overloads.ConvertAll(r => r.Definition is { } all ? r with { Definition = keep(all) } : r);

    /// <returns>No reason: what it does is not known.</returns>
    private async Task<(string? HarmlessBecause, IReadOnlyList<MigrationFinding> Does)> ReadAsync(RelationName name, int depth, CancellationToken ct)
    {
        if (known.TryGetValue(name, out var read))
            return read;
        // While it is read, a call of itself adds nothing.
        known[name] = ("its body was read", []);
        return known[name] = Judge(name, await FindAsync(name, ct)) is var judged && judged.HarmlessBecause is null ? judged : (judged.HarmlessBecause, await WithCalledAsync(judged.Does, depth, ct));
    }

    private (string? HarmlessBecause, IReadOnlyList<MigrationFinding> Does) Judge(RelationName name, List<Routine> overloads)
    {
        if (overloads.Count == 0)
            return (null, []);
        if (overloads.TrueForAll(r => r.Extension is not null))
            return (overloads.TrueForAll(r => r.Volatility != 'v') ? $"it belongs to extension {SqlName.Display(overloads[0].Extension!)} and only reads" : null, []);
        if (!overloads.TrueForAll(r => r.Definition is not null))
            return (null, []);
        var script = string.Join(";\n", overloads.Select(r => r.Definition)) + $";\nSELECT {name.Sql}();";
        var findings = MigrationAnalyser.Analyse([new SqlScript("", script)], defaultSchema, connection.PostgreSqlVersion.Major);
        return ("its body was read", [.. findings.Where(f => f.RunsAt is not null && f.Severity != FindingSeverity.Info).Select(f => f with { Message = Plain(f.Message, name.Name) })]);
    }

    private async Task<IReadOnlyList<MigrationFinding>> WithCalledAsync(IReadOnlyList<MigrationFinding> does, int depth, CancellationToken ct)
    {
        var all = new List<MigrationFinding>();
        foreach (var finding in does)
        {
            var isRead = finding.Question is { Kind: LiveFactKind.Routine } && depth < Deepest;
            var (reason, called) = isRead ? await ReadAsync(finding.Question!.Relation, depth + 1, ct) : (null, []);
            if (reason is null || finding.Rule != UnknownFunction.RuleId)
                all.Add(finding with { Question = isRead ? null : finding.Question });
            all.AddRange(called);
        }

        return all;
    }

    /// <summary>Without the line of the script that was made up here.</summary>
    private static string Plain(string message, string name) =>
        message.LastIndexOf($", in {name}, which is called", StringComparison.Ordinal) is var at and > 0 ? message[..at] : message;

    private Task<List<Routine>> FindAsync(RelationName name, CancellationToken ct) => connection.ListAsync(
        """
        SELECT p.provolatile, e.extname, CASE WHEN p.prokind IN ('f', 'p') AND l.lanname IN ('sql', 'plpgsql') THEN pg_catalog.pg_get_functiondef(p.oid) END
        FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
            LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
        WHERE p.proname = $1 AND p.pronamespace <> 'pg_catalog'::regnamespace AND ($2 = '' OR p.pronamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $2))
        """,
        r => new Routine(r.GetChar(0), r.IsDBNull(1) ? null : r.GetString(1), r.IsDBNull(2) ? null : r.GetString(2)), ct, name.Name, name.Schema ?? "");
}
