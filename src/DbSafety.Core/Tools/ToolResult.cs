using DbSafety.Errors;

namespace DbSafety.Tools;

/// <summary>The result of a child process.</summary>
/// <param name="ExitCode">0 to 255; 128 and more is a signal on Unix.</param>
/// <param name="Output">Standard output, unless a reader consumed it.</param>
/// <param name="Error">The end of standard error, at most 64 KiB.</param>
public sealed record ToolResult(ToolCommand Command, int ExitCode, string Output, string Error)
{
    /// <summary>A process that it started still kept its output open when it exited.</summary>
    internal bool LeftRunning { get; init; }

    /// <summary>Throws <c>DBS112</c> for an exit code other than 0, or <c>DBS113</c> for a signal.</summary>
    public ToolResult OrThrow()
    {
        if (ExitCode == 0)
            return this;
        if (!OperatingSystem.IsWindows() && ExitCode is > 128 and < 160 && Error.Length == 0)
            throw ErrorCatalogue.ToolKilled.For(Command.Name, ExitCode - 128);
        throw ErrorCatalogue.ToolFailed.For(Command.Name, ExitCode, LastLine(Error));
    }

    /// <summary>The most relevant line of standard error: the first that contains an error, else the last.</summary>
    private static string LastLine(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.FirstOrDefault(l => l.Contains("error:", StringComparison.OrdinalIgnoreCase) || l.Contains("FATAL", StringComparison.Ordinal))
            ?? lines.LastOrDefault()
            ?? "no error message";
    }
}
