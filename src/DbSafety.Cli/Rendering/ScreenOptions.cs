using System.CommandLine;

namespace DbSafety.Cli.Rendering;

/// <summary>The options of every verb, and the screen that they configure.</summary>
internal sealed class ScreenOptions(TextWriter output, TextWriter error)
{
    private readonly Option<bool> json = new("--json") { Description = "Print the objects as a JSON array, with the cmdlets' property names.", Recursive = true };
    private readonly Option<bool> yes = new("--yes", "-y") { Description = "Answer every question with yes.", Recursive = true };
    private readonly Option<bool> verbose = new("--verbose", "-v") { Description = "Show each step while it runs.", Recursive = true };
    private readonly Option<bool> debug = new("--debug") { Description = "Show the commands that are run, without secrets.", Recursive = true };

    public void AddTo(Command root)
    {
        root.Add(json);
        root.Add(yes);
        root.Add(verbose);
        root.Add(debug);
    }

    public Screen Of(ParseResult parsed) => new(output, error)
    {
        Yes = parsed.GetValue(yes),
        Json = parsed.GetValue(json),
        Verbose = parsed.GetValue(verbose) || parsed.GetValue(debug),
        Debug = parsed.GetValue(debug),
    };
}
