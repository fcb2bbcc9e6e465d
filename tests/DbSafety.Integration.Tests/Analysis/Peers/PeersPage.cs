using System.Globalization;
using System.Text;

namespace DbSafety.Integration.Tests.Analysis.Peers;

/// <summary>The page <c>docs/rules/peers.md</c>, from the results.</summary>
internal static class PeersPage
{
    public static string File { get; } = Repository.Folder(Path.Combine("docs", "rules", "peers.md"));

    public static string Of(IReadOnlyList<PeerResult> results, PeerData data, IReadOnlyList<string> notRun)
    {
        var page = new StringBuilder(
            """
            # On other tools' own tests

            The analysis is run on the inputs of other tools' own tests, each as its tool would be: squawk's and Atlas's without a database, eugene's, strong_migrations' and pg-schema-diff's with one
            that has the definitions that their tests begin with, and rows. An input that its tool reports is *covered* if a rule of ours that stands for the same thing reports it; one that it does not report is *clean* if
            none does, and if PostgreSQL 15 shows the lock of every Blocking finding until its transaction ends, and the loss of every Destructive one.

            This page is written by a round of the tests (`DBSAFETY_PEERS` names the folder of the checkouts), from its results and from `peers.txt` beside it, which says for each difference who is right.


            """.ReplaceLineEndings("\n"));
        page.Append("| tool | rule | ours | inputs | covered | clean | different |\n|---|---|---|---|---|---|---|\n");
        foreach (var rule in results.GroupBy(r => (r.Input.Peer, r.Input.Rule)))
        {
            var ours = data.Rules(rule.First().Input);
            var words = ours is { Rules.Count: > 0 } known ? string.Join(" ", known.Rules.Select(r => $"`{r}`")) : ours?.Why ?? "";
            int Number(PeerOutcome outcome) => rule.Count(r => r.Outcome == outcome);
            page.Append(CultureInfo.InvariantCulture, $"| {rule.Key.Peer} | {rule.Key.Rule} | {words} | {rule.Count()} | {Number(PeerOutcome.Covered)} | {Number(PeerOutcome.Clean)} | {Number(PeerOutcome.Different)} |\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"| all | | | {results.Count} | {results.Count(r => r.Outcome == PeerOutcome.Covered)} | {results.Count(r => r.Outcome == PeerOutcome.Clean)} | {results.Count(r => r.Outcome == PeerOutcome.Different)} |\n");
        page.Append("\nInputs of rules that we have none for are neither covered nor clean.\n\n## Differences\n\n| tool | rule | test | its tool reports | ours | who is right | why |\n|---|---|---|---|---|---|---|\n");
        foreach (var result in results.Where(r => r.Outcome == PeerOutcome.Different))
        {
            var (right, why) = data.Difference(result.Input) ?? ("?", "?");
            page.Append(CultureInfo.InvariantCulture, $"| {result.Input.Peer} | {result.Input.Rule} | {result.Input.Test.Replace('|', '/')} | {(result.Input.IsReported ? "yes" : "no")} | {result.Difference} | {right} | {why} |\n");
        }

        if (notRun.Count > 0)
            page.Append("\n## Not run on the server\n\nThese inputs have a Blocking or Destructive finding that their tool does not expect or that is about something else, and cannot be run for the reason that PostgreSQL gives.\n\n");
        foreach (var input in notRun)
            page.Append(CultureInfo.InvariantCulture, $"- {input}\n");
        return page.ToString();
    }
}
