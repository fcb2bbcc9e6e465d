using System.Collections.Immutable;
using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Raised;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>Reads the functions that a script calls and the set has not made: their bodies are in the live database.</summary>
internal sealed class LiveRoutines(NpgsqlConnection connection, string defaultSchema)
{
    /// <summary>Functions call functions.</summary>
    private const int Deepest = 8;

    private readonly Dictionary<RelationName, RoutineEffects> known = [];

    private readonly Dictionary<(RelationName, string Kind, bool IsConditional), RoutineEffects> triggers = [];

    private ImmutableDictionary<RelationName, ImmutableList<CreatedRoutine>> made = ImmutableDictionary<RelationName, ImmutableList<CreatedRoutine>>.Empty;

    /// <param name="Volatility">i, s or v.</param>
    /// <param name="Extension">Null: it belongs to none.</param>
    /// <param name="Definition">CREATE FUNCTION …; null if it cannot be read.</param>
    private sealed record Routine(char Volatility, string? Extension, string? Definition, bool TakesNothing);

    /// <summary>Routines that are read from now on are called after the statements that created these.</summary>
    public void After(ImmutableDictionary<RelationName, ImmutableList<CreatedRoutine>>? routines)
    {
        routines ??= ImmutableDictionary<RelationName, ImmutableList<CreatedRoutine>>.Empty;
        if (ReferenceEquals(made, routines))
            return;
        made = routines;
        known.Clear();
        triggers.Clear();
    }

    /// <summary>The effects of the function, in place of the finding that they are not known; otherwise that finding alone.</summary>
    public async Task<IReadOnlyList<MigrationFinding>> ExpandAsync(MigrationFinding finding, CancellationToken ct)
    {
        if (finding is not { Question: { Kind: LiveFactKind.Routine } question })
            return [finding];
        var (reason, does, computes) = await ReadAsync(question.Relation, 1, ct);
        if (reason is null)
            return [finding];
        return
        [
            // A procedure may commit, which its plain statements do not show.
            finding.Rule == UnknownFunction.RuleId ? LiveJudgement.Judge(finding, new LiveAnswer(true, null) { HarmlessBecause = reason }) with { Question = null, Computes = [.. finding.Computes, .. computes] } : finding with { Question = null, Computes = [.. finding.Computes, .. computes] },
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
    public Task<RoutineEffects> ReadAsync(RelationName name, CancellationToken ct) => ReadAsync(name, 1, ct);

    /// <summary>The effects of a trigger's function for that kind of change. Effects under a condition are not certain, and do not refuse the run: the rehearsal and the counts before the commit show whether it happens.</summary>
    /// <param name="isConditional">The trigger has a WHEN condition.</param>
    public async Task<RoutineEffects> ReadTriggerAsync(RelationName name, string kind, bool isConditional, CancellationToken ct)
    {
        if (triggers.TryGetValue((name, kind, isConditional), out var read))
            return read;
        var overloads = await FindAsync(name, ct);
        var all = await WithCalledAsync(Judge(name, Kept(overloads, d => TriggerBranches.Reached(d, kind))), 1, ct);
        var certain = isConditional ? RoutineEffects.Unknown : await WithCalledAsync(Judge(name, Kept(overloads, d => TriggerBranches.Certain(d, kind))), 1, ct);
        return triggers[(name, kind, isConditional)] = all with
        {
            Does = [.. all.Does.Select(d => d.Severity != FindingSeverity.Destructive || certain.Does.Any(c => (c.Rule, c.Object, c.Message) == (d.Rule, d.Object, d.Message)) ? d : d.UnderCondition("the trigger or its function"))],
            Certain = certain.Computes,
        };
    }

    /// <summary>The effects of a rule when a statement fires it.</summary>
    /// <param name="definition">CREATE RULE, as pg_get_ruledef prints it.</param>
    /// <param name="kind">insert, update or delete.</param>
    public async Task<RoutineEffects> ReadRuleAsync(string definition, RelationName table, string kind, bool isConditional, CancellationToken ct)
    {
        var raising = kind switch { "insert" => $"INSERT INTO {table.Sql} DEFAULT VALUES", "update" => $"UPDATE {table.Sql} SET dbsafety = 1", _ => $"DELETE FROM {table.Sql}" };
        var all = await WithCalledAsync(Analyse($"{definition}\n{raising};", f => f[..Math.Max(f.LastIndexOf(", in rule ", StringComparison.Ordinal), 0)] is { Length: > 0 } message ? message : f), 1, ct);
        IReadOnlyList<LiveComputed> others = [.. all.Computes.Where(c => (c.Name, c.Kind) != (table, kind))];
        return isConditional ? all with { Does = [.. all.Does.Select(d => d.UnderCondition("the rule"))], Computes = others, Certain = [] } : all with { Computes = others, Certain = others };
    }

    private static List<Routine> Kept(List<Routine> overloads, Func<string, string> keep) => overloads.ConvertAll(r => r.Definition is { } all ? r with { Definition = keep(all) } : r);

    /// <returns>No reason: what it does is not known.</returns>
    private async Task<RoutineEffects> ReadAsync(RelationName name, int depth, CancellationToken ct)
    {
        if (known.TryGetValue(name, out var read))
            return read;
        // Ends the recursion of a routine that calls itself.
        known[name] = new RoutineEffects("its body was read", [], []);
        return known[name] = await WithCalledAsync(Judge(name, await FindAsync(name, ct)), depth, ct);
    }

    private RoutineEffects Judge(RelationName name, List<Routine> overloads)
    {
        if (overloads.Count == 0)
            return RoutineEffects.Unknown;
        if (overloads.TrueForAll(r => r.Extension is not null))
            return new RoutineEffects(overloads.TrueForAll(r => r.Volatility != 'v') ? $"it belongs to extension {SqlName.Display(overloads[0].Extension!)} and only reads" : null, [], []);
        if (!overloads.TrueForAll(r => r.Definition is not null))
            return RoutineEffects.Unknown;
        // Separately: the routine of the database and its replacement can have the same parameters.
        var read = overloads.ConvertAll(r => Analyse($"{r.Definition};\nSELECT {name.Sql}();", m => Plain(m, name.Name)));
        return new RoutineEffects(read[0].HarmlessBecause, [.. read.SelectMany(r => r.Does).DistinctBy(d => (d.Rule, d.Message))], [.. read.SelectMany(r => r.Computes).Distinct()]);
    }

    /// <param name="script">Its last statement calls or fires it.</param>
    private RoutineEffects Analyse(string script, Func<string, string> plain)
    {
        var findings = new MigrationAnalyser(defaultSchema, connection.PostgreSqlVersion.Major) { AsksDatabase = true }.Analyse([new SqlScript("", script)]);
        return new RoutineEffects("its body was read", [.. findings.Where(f => f.RunsAt is not null && f.Severity != FindingSeverity.Info).Select(f => f with { Message = plain(f.Message), Computes = [], Created = null })],
            [.. findings.SelectMany(f => f.Computes).Where(c => c.Kind is "insert" or "update" or "delete" or "truncate").Distinct()]);
    }

    private async Task<RoutineEffects> WithCalledAsync(RoutineEffects effects, int depth, CancellationToken ct)
    {
        var (all, computes) = (new List<MigrationFinding>(), effects.Computes.ToList());
        foreach (var finding in effects.Does)
        {
            var isRead = finding.Question is { Kind: LiveFactKind.Routine } && depth < Deepest;
            var called = isRead ? await ReadAsync(finding.Question!.Relation, depth + 1, ct) : RoutineEffects.Unknown;
            if (called.HarmlessBecause is null || finding.Rule != UnknownFunction.RuleId)
                all.Add(finding with { Question = isRead ? null : finding.Question });
            all.AddRange(called.Does);
            computes.AddRange(called.Computes);
        }

        computes = [.. computes.Distinct()];
        return effects with { Does = all, Computes = computes, Certain = computes };
    }

    /// <summary>Without the line of the script that was generated here.</summary>
    private static string Plain(string message, string name) =>
        message.LastIndexOf($", in {name}, which is called", StringComparison.Ordinal) is var at and > 0 ? message[..at] : message;

    private async Task<List<Routine>> FindAsync(RelationName name, CancellationToken ct)
    {
        var live = await LiveAsync(name, ct);
        if (!made.TryGetValue(name with { Schema = name.Schema ?? defaultSchema }, out var own))
            return live;
        // Parameter types have several spellings: all overloads may be called.
        return [.. live.Where(r => !(r.TakesNothing && own.Exists(m => m is { Replaces: true, TakesNothing: true }))), .. own.Select(m => new Routine('v', null, m.Definition, m.TakesNothing))];
    }

    private Task<List<Routine>> LiveAsync(RelationName name, CancellationToken ct) => connection.ListAsync(
        """
        SELECT p.provolatile, e.extname, CASE WHEN p.prokind IN ('f', 'p') AND l.lanname IN ('sql', 'plpgsql') THEN pg_catalog.pg_get_functiondef(p.oid) END, p.pronargs = 0
        FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
            LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
        WHERE p.proname = $1 AND p.pronamespace <> 'pg_catalog'::regnamespace AND ($2 = '' OR p.pronamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $2))
        """,
        r => new Routine(r.GetChar(0), r.IsDBNull(1) ? null : r.GetString(1), r.IsDBNull(2) ? null : r.GetString(2), r.GetBoolean(3)), ct, name.Name, name.Schema ?? "");
}
