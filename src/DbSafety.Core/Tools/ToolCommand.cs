
namespace DbSafety.Tools;

/// <summary>A program to run: an argument list, never a shell line.</summary>
public sealed record ToolCommand(string Path, params IReadOnlyList<string> Arguments)
{
    /// <summary>Set for the child alone. Secrets go here, never into <see cref="Arguments"/>. A null value removes a variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    public string? WorkingDirectory { get; init; }

    /// <summary>What it leaves running holds its output open, and is not waited for.</summary>
    internal bool EndsWithProgram { get; init; }

    /// <summary>The container it is run in; null: this machine.</summary>
    internal IToolPlace? Inside { get; init; }

    /// <summary>The name errors use.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public override string ToString() => string.Join(' ', [Path, .. Arguments]);
}
