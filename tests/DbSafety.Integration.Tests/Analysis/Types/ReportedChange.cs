using DbSafety.Analysis.Findings;

namespace DbSafety.Integration.Tests.Analysis.Types;

/// <summary>The findings about a type change, without and with the database.</summary>
/// <param name="Events">What was raised on the way: why something could not be counted.</param>
internal sealed record ReportedChange(IReadOnlyList<MigrationFinding> Static, IReadOnlyList<MigrationFinding> Live, string Events)
{
    /// <summary>What is said and is not what the server does; null where it is.</summary>
    public string? Differs(ObservedChange done)
    {
        var differences = new List<string>();
        var (risky, lossy, type) = (Of(Live, "risky-cast"), Of(Live, "lossy-type-change")!, Of(Live, "alter-column-type")!);
        // Of a type that takes every value, rule risky-cast says nothing.
        var refusal = risky ?? (type.WouldFail ? type : null);
        var isRefused = refusal?.Message.Contains("PostgreSQL refuses", StringComparison.Ordinal) == true;
        if (isRefused != done.Refused is not null)
            differences.Add(done.Refused is null ? $"is reported to be refused: {refusal!.Message}" : $"the server refuses it ({done.Refused}), reported is {refusal?.Message}");
        else if (done.Refused is not null)
            Check(refusal!.WouldFail && lossy.Severity == FindingSeverity.Info && type.Severity == (risky is null ? FindingSeverity.MayFail : FindingSeverity.Info), "refused, and not all findings say so");
        else
            Compare(done, risky, lossy, type);
        // Without a database nothing of it can be known for certain.
        if (Of(Static, "lossy-type-change") is { Severity: FindingSeverity.Info })
            Check(done.Lost == 0, "without a database it is reported to be harmless");
        if (Of(Static, "risky-cast") is null)
            Check(done.Failing == 0, "without a database it is reported not to fail");
        Check(Of(Static, "alter-column-type") is { Severity: FindingSeverity.Blocking }, "without a database it is not reported to block");
        return differences.Count == 0 ? null : $"{string.Join("; ", differences)} {Events}".Trim();

        void Check(bool isSo, string otherwise)
        {
            if (!isSo)
                differences.Add(otherwise);
        }

        void Compare(ObservedChange done, MigrationFinding? risky, MigrationFinding lossy, MigrationFinding type)
        {
            var failing = risky is null ? 0 : risky.LiveFacts.GetValueOrDefault("unconvertible", -1);
            Check(failing == done.Failing && (risky?.WouldFail == true) == done.Failing > 0, $"fails on {done.Failing}, reported is {failing}: {risky?.Message}");
            var lost = lossy.Severity == FindingSeverity.Info ? 0 : lossy.LiveFacts.GetValueOrDefault("values", -1);
            Check(lost == done.Lost, $"loses {done.Lost}, reported is {lost}: {lossy.Message}");
            var stored = (!type.Message.Contains("is not rewritten", StringComparison.Ordinal), type.Message.Contains("rebuilds", StringComparison.Ordinal));
            Check(stored == (done.Rewrites, done.Rebuilds), $"rewrites {done.Rewrites}, rebuilds {done.Rebuilds}, reported is {type.Message}");
            Check(type.Severity == (done.Rewrites || done.Rebuilds ? FindingSeverity.Blocking : FindingSeverity.Info), $"{type.Severity}: {type.Message}");
        }
    }

    private static MigrationFinding? Of(IReadOnlyList<MigrationFinding> findings, string rule) => findings.SingleOrDefault(f => f.Rule == rule);
}
