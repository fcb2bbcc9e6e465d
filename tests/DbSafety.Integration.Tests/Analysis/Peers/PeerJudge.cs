using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Scripts;
using DbSafety.Migrations;
using DbSafety.Operations;

namespace DbSafety.Integration.Tests.Analysis.Peers;

/// <summary>Compares what a tool's own test expects with what our analysis reports, and asks a real server about what only ours reports.</summary>
internal sealed class PeerJudge(PgServer pg, PeerData data)
{
    private static readonly Dictionary<string, FindingSeverity> Severities = MigrationAnalyser.Rules.ToDictionary(r => r.Id, r => r.Severity, StringComparer.Ordinal);

    private readonly PeerDatabase database = new(pg);

    /// <summary>Inputs that the server could not be asked about, with its reason.</summary>
    public List<string> NotRun { get; } = [];

    public async Task<PeerResult> JudgeAsync(PeerInput input)
    {
        var findings = await FindAsync(input);
        var ours = data.Rules(input)?.Rules;
        var matching = findings.Where(f => ours?.Contains(f.Finding.Rule) == true).Select(f => f.Finding).ToList();
        var messages = matching.Where(f => f.Severity > FindingSeverity.Info || Severities[f.Rule] == FindingSeverity.Info).ToList();
        var all = findings.Select(f => f.Finding).ToList();
        if (ours is null)
            return new PeerResult(input, PeerOutcome.Different, "no line of peers.txt is about this rule", all);
        if (input.IsReported)
        {
            return ours.Count == 0 ? new PeerResult(input, PeerOutcome.NoRule, null, all)
                : messages.Count > 0 ? new PeerResult(input, PeerOutcome.Covered, null, all)
                : new PeerResult(input, PeerOutcome.Different, matching.Count == 0 ? "not reported" : $"Info only: {matching[0].Rule}", all);
        }

        // Of a rule that lists what happens, that it does is no difference.
        var unexpected = messages.Where(f => Severities[f.Rule] != FindingSeverity.Info || MigrationAnalyser.Rules.Any(r => r is StyleRule && r.Id == f.Rule)).ToList();
        var unfounded = await UnfoundedAsync(input, findings);
        var differences = unexpected.Select(f => $"{f.Severity} {f.Rule}").Concat(unfounded).Distinct().ToList();
        return differences.Count > 0 ? new PeerResult(input, PeerOutcome.Different, string.Join(", ", differences), all)
            : new PeerResult(input, ours.Count == 0 ? PeerOutcome.NoRule : PeerOutcome.Clean, null, all);
    }

    /// <summary>With a live database where the definitions before are given or are those of the scripts before; each script by itself, but foreign keys and indexes by the whole set.</summary>
    private async Task<List<(int Script, MigrationFinding Finding)>> FindAsync(PeerInput input)
    {
        if (input.Given is null && input.Scripts.Count == 1)
            return [.. MigrationAnalyser.Analyse([new SqlScript("1.sql", input.Scripts[0])], withStyle: true).Select(f => (0, f))];
        const string OfTheSet = "foreign-key-without-index";
        var target = await database.CreateAsync(input.Given is { } given ? [given] : []);
        var found = new List<(int Script, MigrationFinding Finding)>();
        for (var i = 0; i < input.Scripts.Count; i++)
        {
            var request = new MigrationTestRequest($"{i + 1}.sql", target, All: true) { Script = input.Scripts[i], Style = true };
            found.AddRange((await new AnalyseMigrations().RunAsync(request, OperationEvents.None, CancellationToken.None)).Select(f => (i, f)));
            if (i + 1 < input.Scripts.Count)
                await PeerDatabase.DeployAsync(target, input.Scripts[i]);
        }

        await database.DropAsync(target);
        var whole = MigrationAnalyser.Analyse(input.Scripts.Select((s, i) => new SqlScript($"{i + 1}.sql", s)), withStyle: true).Select(f => (0, f));
        return [.. found.Where(f => f.Finding.Rule != OfTheSet), .. whole.Where(f => f.f.Rule == OfTheSet)];
    }

    /// <summary>Blocking without a lock until the transaction ends, Destructive without a value that is gone.</summary>
    private async Task<IEnumerable<string>> UnfoundedAsync(PeerInput input, List<(int Script, MigrationFinding Finding)> findings)
    {
        var grave = findings.Where(f => f.Finding is { InBody: false, Severity: FindingSeverity.Blocking or FindingSeverity.Destructive }).ToList();
        if (grave.Count == 0)
            return [];
        var seen = await database.RunAsync(input, isOneTransaction: grave.Exists(g => g.Finding.Rule == "work-under-lock"));
        if (seen.NotRun is { } reason)
        {
            NotRun.Add($"{input.Name}: {reason}");
            return [];
        }

        return grave.Where(g => g.Finding.Severity == FindingSeverity.Destructive ? !seen.AreValuesGone : !seen.Locked.Contains((g.Script, g.Finding.Statement)))
            .Select(g => $"{g.Finding.Severity} {g.Finding.Rule}, which the server does not show");
    }
}
