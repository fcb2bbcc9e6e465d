namespace DbSafety.Analysis.Scripts;

/// <summary>A script to analyse. It can be read as often as needed.</summary>
/// <param name="File">Its path as findings name it.</param>
internal sealed record SqlScript(string File, Func<ScriptWindow> Open)
{
    public SqlScript(string file, string text)
        : this(file, () => new ScriptWindow(text))
    {
    }

    /// <summary>It is run only to undo another.</summary>
    public bool IsUndo { get; init; }

    /// <summary>An earlier run has run its first statements, so that the live database shows what they did.</summary>
    public bool IsBegun { get; init; }

    /// <summary>What runs with it that is not SQL, in words.</summary>
    public IReadOnlyList<string> NotAnalysed { get; init; } = [];
}
