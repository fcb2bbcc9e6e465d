namespace DbSafety.Analysis.Reports;

/// <summary>What findings can be written as.</summary>
public enum FindingFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>The objects, as an array.</summary>
    Json,

    /// <summary>SARIF 2.1.0, for code scanners.</summary>
    Sarif,

    /// <summary>Annotations of a pull request on GitHub.</summary>
    GitHub,
}
