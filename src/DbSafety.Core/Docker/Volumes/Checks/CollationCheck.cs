using DbSafety.Analysis.Syntax;
using DbSafety.Docker.Volumes.Facts;

namespace DbSafety.Docker.Volumes.Checks;

/// <summary>Was the data sorted by the library version that the image has now? After a change of libc or ICU, indexes on text can miss rows.</summary>
internal sealed class CollationCheck : IVolumeCheck
{
    public VolumeCheck? Check(VolumeFacts facts)
    {
        if (facts.Content is not { } content)
            return null;
        if (content.StaleCollations.Count == 0)
            return new VolumeCheck("collation", CheckState.Pass, "The recorded collation versions are those of the image's library.");
        var evidence = string.Join("; ", content.StaleCollations.Select(s => $"{(s.Collation is null ? "" : $"the collation {s.Collation} in ")}{s.Database} has recorded version {s.Was}, and the library has {s.Is}"));
        return new VolumeCheck(
            "collation",
            CheckState.Fail,
            $"The image's library has other collation versions than the library that the indexes were created with: {evidence}. Queries can miss rows, and unique indexes can accept duplicates.",
            string.Join(" ", content.StaleCollations.Select(Statements).Distinct()));
    }

    private static string Statements(StaleCollation stale) =>
        $"In {stale.Database}: REINDEX DATABASE {SqlName.Quote(stale.Database)}; ALTER {(stale.Collation is null ? "DATABASE " + SqlName.Quote(stale.Database) : "COLLATION " + stale.Collation)} REFRESH {(stale.Collation is null ? "COLLATION " : "")}VERSION;";
}
