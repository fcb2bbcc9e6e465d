using System.Runtime.CompilerServices;
using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Scripts;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Live;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations;

/// <summary>
/// Reports what each statement would do: for the pending migrations, with counts from the live database, if one is specified; otherwise for every
/// script below the folder. Comments in the scripts can let findings pass. Read only.
/// </summary>
public sealed class AnalyseMigrations : IOperation<MigrationTestRequest, IReadOnlyList<MigrationFinding>>
{
    /// <inheritdoc/>
    /// <exception cref="DbSafetyException"><c>DBS520</c> a rule does not exist.</exception>
    public async Task<IReadOnlyList<MigrationFinding>> RunAsync(MigrationTestRequest request, IOperationEvents events, CancellationToken ct) =>
        await ReadAsync(request, events, ct).ToListAsync(ct);

    /// <summary>The same, finding by finding: neither scripts nor findings are ever completely in memory, regardless of their length.</summary>
    /// <exception cref="DbSafetyException"><c>DBS520</c> a rule does not exist.</exception>
    public static async IAsyncEnumerable<MigrationFinding> ReadAsync(MigrationTestRequest request, IOperationEvents events, [EnumeratorCancellation] CancellationToken ct)
    {
        if (RuleCatalogue.Unknown(request.Rules.Concat(request.ExcludedRules)) is { } unknown)
            throw ErrorCatalogue.RuleUnknown.For(unknown, string.Join(", ", RuleCatalogue.Near(unknown)));
        await using var set = await AnalysedSet.OpenAsync(request, events, ct);
        var commented = new Dictionary<string, Suppressions>(StringComparer.Ordinal);
        foreach (var script in set.Scripts)
        {
            WarnOfOther(script, events);
            var survey = ScriptSurvey.Of(script, ct);
            var suppressions = new Suppressions(survey.Suppressions);
            if (survey.Suppressions.Count > 0)
                commented[script.File] = suppressions;
            foreach (var finding in set.Analyser.Read(script, survey, ct))
            {
                foreach (var answered in await set.JudgeAsync(finding, ct))
                {
                    if (suppressions.Apply(answered) is var judged && IsAskedFor(judged, request))
                        yield return judged;
                }
            }
        }

        foreach (var finding in set.Analyser.Finish())
        {
            foreach (var answered in await set.JudgeAsync(finding, ct))
            {
                var judged = commented.TryGetValue(finding.File, out var suppressions) ? suppressions.Apply(answered) : answered;
                if (IsAskedFor(judged, request))
                    yield return judged;
            }
        }

        foreach (var suppressions in commented.Values)
            foreach (var complaint in suppressions.Unused())
                events.Warning(complaint);
    }

    /// <summary>The findings of these scripts with the answers of the database on that connection, if DbSafety runs them.</summary>
    /// <param name="unprovable">Why what was counted cannot be counted again when the script of that path runs; null if it can.</param>
    internal static async Task<IReadOnlyList<MigrationFinding>> JudgeAsync(
        IEnumerable<MigrationFile> files, NpgsqlConnection connection, DatabaseTarget target, string schema, Func<string, string?> unprovable, IOperationEvents events, CancellationToken ct)
    {
        await using var facts = await LiveFacts.BeginAsync(connection, target, schema, events, ct);
        var findings = new List<MigrationFinding>();
        var scripts = files.Select(f => f.Script).ToList();
        scripts.ForEach(s => WarnOfOther(s, events));
        foreach (var finding in facts.Analyser().Analyse(scripts))
        {
            foreach (var answered in await facts.JudgeAllAsync(finding, ct))
            {
                var judged = answered;
                if (judged.IsLoweredByCount && unprovable(judged.RunsAt?.File ?? judged.File) is { } reason)
                    judged = judged with { Severity = FindingSeverity.Destructive, Message = $"{(judged.LiveFacts.Count > 0 ? LiveJudgement.Now(judged.Message) : judged.Message)}, but {reason}", LoweredFrom = null };
                findings.Add(judged.Rule == MissingLockTimeout.RuleId ? judged with { Severity = FindingSeverity.Info, Message = $"{judged.Message}: this run sets a lock_timeout itself" } : judged);
            }
        }

        return findings;
    }

    private static void WarnOfOther(SqlScript script, IOperationEvents events)
    {
        foreach (var other in script.NotAnalysed)
            events.Warning($"{script.File}: {other} is not SQL, so it is not analysed");
    }

    private static bool IsAskedFor(MigrationFinding finding, MigrationTestRequest request)
    {
        if (request.ExcludedRules.Contains(finding.Rule) || (request.Rules.Count > 0 && !request.Rules.Contains(finding.Rule)))
            return false;
        if (request.Severities.Count > 0)
            return request.Severities.Contains(finding.Severity);
        return request.All || finding.Severity != FindingSeverity.Info || (request.Style && RuleCatalogue.IsStyle(finding.Rule)) || (request.Rules.Count > 0 && MigrationAnalyser.Rules.Any(r => r.Id == finding.Rule && r.Severity == FindingSeverity.Info));
    }
}
