namespace DbSafety.Analysis.Commands;

/// <summary>Whether the value of an expression is NULL, as far as its text shows.</summary>
internal enum Nullness
{
    /// <summary>It depends on rows, parameters or functions.</summary>
    Unknown,

    Never,

    Always,
}
