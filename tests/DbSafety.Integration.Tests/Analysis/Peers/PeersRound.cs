using DbSafety.Analysis.Findings;

namespace DbSafety.Integration.Tests.Analysis.Peers;

/// <summary>Our analysis on the inputs of other tools' own tests. Nothing of theirs is in this repository: <c>DBSAFETY_PEERS</c> names the folder that holds their checkouts.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class PeersRound(PgServer pg, ITestOutputHelper output)
{
    [PeersFact]
    public async Task Every_difference_from_the_test_results_of_other_tools_is_known_and_documented()
    {
        var data = new PeerData(await File.ReadAllTextAsync(PeerData.File));
        var judge = new PeerJudge(pg, data);
        var results = new List<PeerResult>();
        foreach (var input in PeerFolders.Inputs(PeerFolders.Root!))
            results.Add(await judge.JudgeAsync(input));

        var page = PeersPage.Of(results, data, judge.NotRun);
        output.WriteLine(page);
        var differences = results.Where(r => r.Outcome == PeerOutcome.Different).ToList();
        foreach (var result in differences.Where(r => data.Difference(r.Input) is null))
            output.WriteLine($"new: {(result.Input.IsReported ? "reported" : "ok")} {result.Input.Name} = {result.Difference}\n{string.Join("\n--\n", result.Input.Scripts)}\n  ours: {string.Join("; ", result.Findings.Where(f => f.Severity > FindingSeverity.Info).Select(f => $"{f.Severity} {f.AllowAs}"))}");
        if (Environment.GetEnvironmentVariable("DBSAFETY_PEERS_PAGE") is { Length: > 0 })
            await File.WriteAllTextAsync(PeersPage.File, page);

        Assert.True(results.Count > 250, $"only {results.Count} inputs were found below {PeerFolders.Root}");
        Assert.Empty(differences.Where(r => data.Difference(r.Input) is null).Select(r => $"{r.Input.Name} = {r.Difference}"));
        Assert.Empty(data.Unused);
        Assert.Equal(page, (await File.ReadAllTextAsync(PeersPage.File)).ReplaceLineEndings("\n"));
    }
}
