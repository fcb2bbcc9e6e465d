using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Rules;
using DbSafety.Errors;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Live;
using DbSafety.Operations;

namespace DbSafety.Migrations.Stages;

/// <summary>Stage 3: refuses data loss unless it was allowed by name, and statements that are certain to fail, unless they were allowed too.</summary>
internal static class Gate
{
    /// <exception cref="DbSafetyException"><c>DBS403</c>, <c>DBS407</c>, <c>DBS412</c>.</exception>
    public static async Task<string> PassAsync(SafeMigrationRun run, CancellationToken ct)
    {
        var (database, schema) = (run.Request.Target.Database, run.Project.Schema);
        var allowed = new List<MigrationFinding>();
        foreach (var allowance in run.Request.Allow)
            allowed.AddRange(await NamedAsync(run, allowance, ct));
        var refused = run.Findings.Where(f => f.Severity == FindingSeverity.Destructive && !run.Request.AllowAll && !allowed.Any(a => IsSameLoss(a, f))).ToList();
        var failing = run.Findings.Where(f => f.WouldFail && !(IsOfCatalog(f) && allowed.Any(a => a.AllowAs == f.AllowAs))).ToList();
        if (refused.Count > 0)
        {
            throw ErrorCatalogue.GateRefused.For(database, string.Join("; ", refused.Select(Text)) + (failing.Count == 0 ? "" : $"; statements that would fail: {string.Join("; ", failing.Select(Text))}"),
                Advice.Allow(refused.Select(f => f.AllowAs)), failing.Count == 0 ? "" : "fix the statements that would fail, and ");
        }

        if (failing.Count > 0)
            throw ErrorCatalogue.WouldFail.For(database, Why(failing), string.Join("; ", failing.Select(Text)), string.Join(" ", failing.Select(f => f.Remedy).Distinct().Append(ToDecide(failing)).OfType<string>()));
        foreach (var opaque in run.Findings.Where(f => f.Severity == FindingSeverity.Opaque))
            run.Events.Warning(Text(opaque));
        run.Allowed = new Allowances(
            run.Request.AllowAll,
            [.. allowed.Where(f => !IsOfCatalog(f)).Concat(run.Findings.Where(f => f.Severity == FindingSeverity.Destructive)).DistinctBy(f => (f.AllowAs, f.Question))],
            [.. run.Findings.Where(f => f is { LoweredFrom: not null, Question: not null } && !allowed.Any(a => IsSameLoss(a, f))).DistinctBy(f => (f.File, f.Statement, f.RunsAt, f.AllowAs, f.Question))]);
        return Evidence(run);
    }

    /// <summary>
    /// A count decides only if the rows can be counted again under a lock, inside the transaction that deletes them (<see cref="HarmlessProof"/>): other sessions can write until then.
    /// </summary>
    /// <returns>By the path of a script, why this is not possible there; null if it is possible.</returns>
    public static Func<string, string?> Unprovable(SafeMigrationRun run)
    {
        if (run.Request.Command is { } command)
            return _ => $"the rows cannot be counted again inside the transaction of {command}, and other sessions can write until then";
        var loose = run.Pending.Where(f => !ScriptPlan.For(f, run.Project.Folder.Source, run.Connection.PostgreSqlVersion.Major).IsOneTransaction).ToDictionary(f => f.RelativePath, f => f.Name, StringComparer.Ordinal);
        return file => loose.TryGetValue(file, out var name) ? $"{name} does not run in one transaction, so the rows cannot be counted again under a lock" : null;
    }

    /// <summary>An allowance for drop-column also covers drop-and-recreate; an allowance for all rows of a table also covers some of its rows.</summary>
    private static bool IsSameLoss(MigrationFinding allowed, MigrationFinding finding) =>
        allowed.AllowAs == finding.AllowAs
        || (finding.Rule == "delete-rows" && allowed.Object == finding.Object && AllowedLoss.OfRows(allowed.Rule) >= RowLoss.Emptied)
        || (allowed.Question is not null && allowed.Question == finding.Question);

    /// <summary>Statements that PostgreSQL would reject according to the catalog: the rehearsal confirms it.</summary>
    private static bool IsOfCatalog(MigrationFinding finding) => finding is { WouldFail: true, Rule: AlwaysFails.RuleId or BlockedByDependents.RuleId };

    /// <summary>The rows that were counted, or the catalog.</summary>
    private static string Why(List<MigrationFinding> failing) => failing.TrueForAll(IsOfRows) ? " on the existing rows" : failing.Exists(IsOfRows) ? "" : ", because PostgreSQL would reject a statement regardless of the rows";

    private static bool IsOfRows(MigrationFinding finding) => finding.LiveFacts.Count > 0 || finding.Rule is AttachPartition.RuleId or AddRequiredColumn.RuleId;

    private static string? ToDecide(List<MigrationFinding> failing) => failing.Exists(IsOfCatalog)
        ? $"If a test on a copy shows that PostgreSQL accepts the statement, allow it: {Advice.Allow(failing.Where(IsOfCatalog).Select(f => f.AllowAs))}" : null;

    private static string Text(MigrationFinding finding) => $"{finding.File} line {finding.Line} {finding.Message}";

    private static string Evidence(SafeMigrationRun run)
    {
        var losing = run.Findings.Where(f => f.Severity == FindingSeverity.Destructive).ToList();
        if (run.IsPendingUnknown)
            return $"the scripts could not be analysed; {(run.Request.SkipRehearsal ? "rows, values and large objects are counted before and after the command, and overwritten values are not detected" : "the rehearsal compares the data row by row")}";
        return losing.Count == 0 ? "no data would be lost"
            : $"{(run.Request.AllowAll ? "everything is allowed" : "allowed")}: {string.Join("; ", losing.Select(f => f.Message))}";
    }

    /// <summary>
    /// The findings that an allowance names. It can also name an effect of code that cannot be analysed (a function, a trigger, a cascade), if the database has such an object.
    /// </summary>
    private static async Task<List<MigrationFinding>> NamedAsync(SafeMigrationRun run, string allowance, CancellationToken ct)
    {
        var (findings, schema, name) = (run.Findings, run.Project.Schema, allowance.Trim());
        var plain = name.Replace($":{schema}.", ":", StringComparison.Ordinal);
        // Quotes are for the server; shells make them hard to type.
        var found = findings.Where(f => f.AllowAs == name || Unquoted(f.AllowAs) == Unquoted(plain)).ToList();
        if (found.Count > 0)
            return found;
        if (HiddenAllowance.Parse(plain, schema) is { } hidden
            && (hidden.Question is { } question ? await HiddenAllowance.CountAsync(run.Connection, hidden, question, isCertain: run.Request.Command is null && !findings.Any(f => f.Severity == FindingSeverity.Opaque), ct) : hidden) is { } counted)
        {
            return [counted];
        }

        var choices = findings.Where(f => f.Severity == FindingSeverity.Destructive || IsOfCatalog(f)).Select(f => f.AllowAs).Distinct().ToList();
        throw ErrorCatalogue.AllowUnknown.For(allowance, choices.Count == 0 ? "no pending migration would lose data" : string.Join(", ", choices));
    }

    private static string Unquoted(string allowance) => allowance.Replace("\"", "", StringComparison.Ordinal);
}
