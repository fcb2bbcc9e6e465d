namespace DbSafety.Core.Tests.Analysis.Judge;

internal enum MismatchKind
{
    /// <summary>A statement begins or ends elsewhere.</summary>
    Split,

    /// <summary>What the parser sees and we do not say.</summary>
    Missed,

    /// <summary>What we say and the parser does not see.</summary>
    False,
}

/// <summary>One difference between PostgreSQL's parser and ours.</summary>
internal sealed record Mismatch(MismatchKind Kind, string Script, int Line, string Rule, string What, string Sql)
{
    /// <summary>Why it is no error of ours; null where it is one.</summary>
    public string? Because { get; init; }

    public override string ToString() => $"{Kind}{(Because is null ? "" : $" ({Because})")} {Rule} at {Script}:{Line}: {What}\n    {Sql.ReplaceLineEndings("\n    ")}";
}
