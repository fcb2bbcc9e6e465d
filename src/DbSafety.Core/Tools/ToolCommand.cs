
namespace DbSafety.Tools;

/// <summary>A program to run, with an argument list, never a shell command line.</summary>
public sealed record ToolCommand(string Path, params IReadOnlyList<string> Arguments)
{
    /// <summary>Environment variables of the child only. Secrets go here, never into <see cref="Arguments"/>. A null value removes a variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    public string? WorkingDirectory { get; init; }

    /// <summary>Background processes of the command keep its output open and are not waited for.</summary>
    internal bool EndsWithProgram { get; init; }

    /// <summary>The container in which it runs; null: this machine.</summary>
    internal IToolPlace? Inside { get; init; }

    /// <summary>The name in error messages.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public override string ToString() => string.Join(' ', [Path, .. Arguments]);
}
