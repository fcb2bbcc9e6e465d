using DbSafety.Cli.Rendering;
using DbSafety.Operations;

namespace DbSafety.Core.Tests.Errors;

public sealed class VisibleTextTests
{
    [Fact]
    public void Control_characters_of_names_are_not_sent_to_the_terminal()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var screen = new Screen(output, error);
        screen.Show("e\u001b[31mRED\r\n\tb\rc", t => t);
        screen.Raise(new MessageEvent(MessageLevel.Warning, "a\u0007\u009b"));
        Assert.Equal("e\uFFFD[31mRED\r\n\tb\uFFFDc", output.ToString().TrimEnd());
        Assert.Equal("warning: a\uFFFD\uFFFD", error.ToString().TrimEnd());
    }
}
