namespace DbSafety.Analysis.Findings;

/// <summary>What a finding means for the data and for those who use it.</summary>
public enum FindingSeverity
{
    /// <summary>Harmless here; the message says why.</summary>
    Info,

    /// <summary>What it does cannot be read from the SQL.</summary>
    Opaque,

    /// <summary>The running application may break.</summary>
    Breaking,

    /// <summary>Whether it succeeds depends on the data.</summary>
    MayFail,

    /// <summary>It blocks other sessions while it runs.</summary>
    Blocking,

    /// <summary>Stored values are lost.</summary>
    Destructive,
}
