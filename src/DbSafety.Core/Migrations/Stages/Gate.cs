using DbSafety.Analysis;
using DbSafety.Errors;
using DbSafety.Migrations.Applying;
using DbSafety.Operations;

namespace DbSafety.Migrations.Stages;

/// <summary>Stage 3: what would lose data is refused unless it was allowed by name; so is what is bound to fail.</summary>
internal static class Gate
{
    /// <exception cref="DbSafetyException"><c>DBS403</c>, <c>DBS407</c>, <c>DBS412</c>.</exception>
    public static string Pass(SafeMigrationRun run)
    {
        var (database, schema) = (run.Request.Target.Database, run.Project.Schema);
        var allowed = run.Request.Allow.SelectMany(a => Named(a, run.Findings, schema, run.Request.Command is not null)).ToList();
        var refused = run.Findings.Where(f => f.Severity == FindingSeverity.Destructive && !run.Request.AllowAll && !allowed.Any(a => IsSameLoss(a, f))).ToList();
        var failing = run.Findings.Where(f => f.WouldFail).ToList();
        if (refused.Count > 0)
        {
            throw ErrorCatalogue.GateRefused.For(database, string.Join("; ", refused.Concat(failing).Select(Text)),
                string.Join(" ", refused.Select(f => $"--allow '{f.AllowAs}'").Distinct()));
        }

        if (failing.Count > 0)
            throw ErrorCatalogue.WouldFail.For(database, string.Join("; ", failing.Select(Text)), string.Join(" ", failing.Select(f => f.Remedy).Distinct()));
        foreach (var opaque in run.Findings.Where(f => f.Severity == FindingSeverity.Opaque))
            run.Events.Warning(Text(opaque));
        run.Allowed = new Allowances(
            run.Request.AllowAll,
            [.. allowed.Concat(run.Findings.Where(f => f.Severity == FindingSeverity.Destructive)).DistinctBy(f => (f.AllowAs, f.Question))],
            [.. run.Findings.Where(f => f is { LoweredFrom: not null, Question: not null } && !allowed.Any(a => IsSameLoss(a, f))).DistinctBy(f => (f.File, f.Statement, f.RunsAt, f.AllowAs, f.Question))]);
        return Evidence(run);
    }

    /// <summary>
    /// A count decides only where it can be made again under a lock, inside the transaction that destroys (<see cref="HarmlessProof"/>): others write until then.
    /// </summary>
    /// <returns>By the path of a script, why that cannot be done there; null where it can.</returns>
    public static Func<string, string?> Unprovable(SafeMigrationRun run)
    {
        if (run.Request.Command is { } command)
            return _ => $"nobody can count again inside the transaction of {command}, and others may write until then";
        var loose = run.Pending.Where(f => !ScriptPlan.For(f, run.Project.Folder.Source, run.Connection!.PostgreSqlVersion.Major).IsOneTransaction).ToDictionary(f => f.RelativePath, f => f.Name, StringComparer.Ordinal);
        return file => loose.TryGetValue(file, out var name) ? $"{name} does not run in one transaction, where it could be counted again under a lock" : null;
    }

    /// <summary>What drop-column was allowed to take, drop-and-recreate need not be allowed to take again.</summary>
    private static bool IsSameLoss(MigrationFinding allowed, MigrationFinding finding) =>
        allowed.AllowAs == finding.AllowAs || (allowed.Question is not null && allowed.Question == finding.Question);

    private static string Text(MigrationFinding finding) => $"{finding.File} line {finding.Line} {finding.Message}";

    private static string Evidence(SafeMigrationRun run)
    {
        var losing = run.Findings.Where(f => f.Severity == FindingSeverity.Destructive).ToList();
        if (run.IsPendingUnknown)
            return "the scripts could not be analysed; tables are compared before and after the command";
        return losing.Count == 0 ? "nothing would be lost"
            : $"{(run.Request.AllowAll ? "everything is allowed" : "allowed")}: {string.Join("; ", losing.Select(f => f.Message))}";
    }

    /// <summary>What an allowance names among the findings; where something opaque is pending, or a command of the project runs, it may also name what only that can do.</summary>
    private static List<MigrationFinding> Named(string allowance, IReadOnlyList<MigrationFinding> findings, string schema, bool byCommand)
    {
        var name = allowance.Trim();
        var plain = name.Replace($":{schema}.", ":", StringComparison.Ordinal);
        // Quotes are for the server; shells make them hard to type.
        var found = findings.Where(f => f.AllowAs == name || Unquoted(f.AllowAs) == Unquoted(plain)).ToList();
        if (found.Count > 0)
            return found;
        if ((byCommand || findings.Any(f => f.Severity == FindingSeverity.Opaque)) && ForOpaque(plain, schema) is { } hidden)
            return [hidden];
        var choices = findings.Where(f => f.Severity == FindingSeverity.Destructive).Select(f => f.AllowAs).Distinct().ToList();
        throw ErrorCatalogue.AllowUnknown.For(allowance, choices.Count == 0 ? "nothing that is pending would lose data" : string.Join(", ", choices));
    }

    private static string Unquoted(string allowance) => allowance.Replace("\"", "", StringComparison.Ordinal);

    private static MigrationFinding? ForOpaque(string allowance, string schema)
    {
        if (allowance.Split(':', 2) is not [("drop-table" or "truncate" or "delete-rows" or "drop-column") and var rule, var thing])
            return null;
        if (SqlSplitter.Split(thing) is not [var only])
            return null;
        var names = only.Tokens.Where(t => t.IsName).Select(t => t.Value).ToList();
        string? column = null;
        if (rule == "drop-column" && names.Count > 1)
        {
            column = names[^1];
            names.RemoveAt(names.Count - 1);
        }

        if (names.Count is 0 or > 2)
            return null;
        var table = names.Count == 2 ? new RelationName(names[0], names[1]) : new RelationName(schema, names[0]);
        return new MigrationFinding
        {
            Rule = rule,
            Severity = FindingSeverity.Destructive,
            File = "",
            Line = 0,
            Statement = 0,
            Object = thing,
            Message = $"{thing}, out of sight",
            Remedy = "",
            Question = new LiveQuestion(column is null ? LiveFactKind.Rows : LiveFactKind.Values, table, LiveReach.DeleteCascades) { Column = column },
        };
    }
}
