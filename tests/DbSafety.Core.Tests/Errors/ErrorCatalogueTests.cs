using System.Text.RegularExpressions;
using DbSafety.Errors;

namespace DbSafety.Core.Tests.Errors;

public sealed partial class ErrorCatalogueTests
{
    [Fact]
    public void Codes_are_unique_and_of_one_form() =>
        Assert.All(ErrorCatalogue.All.GroupBy(e => e.Code), g => Assert.True(g.Count() == 1 && CodePattern().IsMatch(g.Key), g.Key));

    [Fact]
    public void Every_error_has_a_message_that_names_its_target_and_a_hint_that_is_a_sentence() => Assert.All(ErrorCatalogue.All, e =>
    {
        object?[] arguments = ["TARGET", "one", "two", "three"];
        Assert.Contains("{0}", e.Message + e.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        var error = e.For("TARGET", arguments[1..]);
        Assert.False(string.IsNullOrWhiteSpace(error.Hint));
        Assert.Equal((int)e.Kind, error.ExitCode);
    });

    [Fact]
    public void Every_error_is_raised_somewhere()
    {
        var code = string.Concat(Directory.EnumerateFiles(Repository.Folder("src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.EndsWith("ErrorCatalogue.cs", StringComparison.Ordinal))
            .Select(File.ReadAllText));
        Assert.All(
            typeof(ErrorCatalogue).GetFields().Where(f => f.FieldType == typeof(ErrorDefinition)),
            f => Assert.Matches($@"ErrorCatalogue\.{f.Name}\b", code));
    }

    [GeneratedRegex(@"^DBS\d{3}$")]
    private static partial Regex CodePattern();
}
