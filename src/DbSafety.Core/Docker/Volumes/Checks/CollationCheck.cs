using DbSafety.Analysis.Syntax;
using DbSafety.Docker.Volumes.Facts;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>Was the data sorted by the library that the image has now? After a change of libc or ICU, indexes on text find some rows no more.</summary>
internal sealed class CollationCheck : IVolumeCheck
{
    public VolumeCheck? Check(VolumeFacts facts)
    {
        if (facts.Content is not { } content)
            return null;
        if (content.StaleCollations.Count == 0)
            return new VolumeCheck("collation", CheckState.Pass, "Collations are those of the image's own library.");
        var evidence = string.Join("; ", content.StaleCollations.Select(s => $"{(s.Collation is null ? "" : $"the collation {s.Collation} in ")}{s.Database} was {s.Was} and is {s.Is}"));
        return new VolumeCheck(
            "collation",
            CheckState.Fail,
            $"The image's library sorts text otherwise than the one the indexes were made with: {evidence}. Queries may miss rows, and unique indexes may let duplicates in.",
            string.Join(" ", content.StaleCollations.Select(Statements).Distinct()));
    }

    private static string Statements(StaleCollation stale) =>
        $"In {stale.Database}: REINDEX DATABASE {SqlName.Quote(stale.Database)}; ALTER {(stale.Collation is null ? "DATABASE " + SqlName.Quote(stale.Database) : "COLLATION " + stale.Collation)} REFRESH {(stale.Collation is null ? "COLLATION " : "")}VERSION;";
}
