using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace DbSafety.Core.Tests.Module;

/// <summary>Holds cmdlets, the module's manifest, their pages, their help and their views together, without a PowerShell.</summary>
public sealed partial class CmdletPagesTests
{
    private const int LeastExamples = 3;
    private static readonly XDocument Maml = XDocument.Load(Repository.Folder("en-US/DbSafety.PowerShell.dll-Help.xml"));
    private static readonly string Manifest = File.ReadAllText(Repository.Folder("DbSafety.psd1"));

    public static TheoryData<string> Names => [.. CmdletMetadata.All.Select(c => c.Name)];

    [Fact]
    public void The_manifest_the_pages_and_the_help_list_exactly_the_existing_cmdlets()
    {
        var cmdlets = CmdletMetadata.All.Select(c => c.Name).ToList();
        Assert.NotEmpty(cmdlets);
        Assert.Equal(cmdlets, Exported().Matches(Manifest[Manifest.IndexOf("CmdletsToExport", StringComparison.Ordinal)..]).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal));
        Assert.Equal(cmdlets, Directory.GetFiles(Repository.Folder("docs/commands"), "*-*.md").Select(Path.GetFileNameWithoutExtension).Where(n => char.IsUpper(n![0])).Order(StringComparer.Ordinal));
        Assert.Equal(cmdlets, Elements(Maml.Root!, "command").Select(c => Elements(Elements(c, "details").Single(), "name").Single().Value).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_page_and_the_help_describe_exactly_the_parameters_of_the_cmdlet(string name)
    {
        var cmdlet = Cmdlet(name);
        List<string> there = [.. cmdlet.Parameters.Select(p => p.Name)];
        if (cmdlet.AsksFirst)
            there.AddRange(["WhatIf", "Confirm"]);
        there.Sort(StringComparer.Ordinal);

        var sections = ParameterSection().Matches(Page(name)).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["text"].Value);
        Assert.Equal(there, sections.Keys.Order(StringComparer.Ordinal));
        Assert.All(sections, s => Assert.False(string.IsNullOrWhiteSpace(s.Value[..s.Value.IndexOf("```", StringComparison.Ordinal)]), $"{name} -{s.Key} has no text"));
        Assert.All(cmdlet.Parameters.SelectMany(p => p.Aliases.Select(a => (p.Name, Alias: a))), a => Assert.Contains($"\n- {a.Alias}\n", sections[a.Name], StringComparison.Ordinal));
        Assert.Equal(there, Elements(Elements(Help(name), "parameters").Single(), "parameter").Select(p => Elements(p, "name").Single().Value).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_page_and_the_help_have_the_same_synopsis_and_at_least_three_examples(string name)
    {
        var examples = ExampleSection().Matches(Page(name)).Select(m => m.Groups[1].Value).ToList();
        Assert.True(examples.Count >= LeastExamples, $"{name} has {examples.Count} examples");
        var help = Elements(Elements(Help(name), "examples").Single(), "example").ToList();
        Assert.Equal(examples, help.Select(e => Elements(e, "code").Single().Value.ReplaceLineEndings("\n")));
        var synopsis = SynopsisSection().Match(Page(name)).Groups[1].Value;
        Assert.NotEmpty(synopsis);
        Assert.Equal(synopsis.Replace("`", "", StringComparison.Ordinal), Elements(Elements(Elements(Help(name), "details").Single(), "description").Single(), "para").Single().Value.ReplaceLineEndings("\n"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_output_types_of_a_cmdlet_are_on_its_page_and_have_a_view(string name)
    {
        var views = File.ReadAllText(Repository.Folder("src/DbSafety.PowerShell/DbSafety.Format.ps1xml"));
        Assert.NotEmpty(Cmdlet(name).Outputs);
        Assert.All(Cmdlet(name).Outputs, type =>
        {
            Assert.Contains($"### {type}\n", Page(name)[Page(name).IndexOf("## OUTPUTS", StringComparison.Ordinal)..], StringComparison.Ordinal);
            Assert.Contains($"<TypeName>{type}</TypeName>", views, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void The_about_topic_names_every_cmdlet()
    {
        var about = File.ReadAllText(Repository.Folder("en-US/about_DbSafety.help.txt"));
        Assert.All(CmdletMetadata.All, c => Assert.Contains(c.Name, about, StringComparison.Ordinal));
    }

    private static CmdletMetadata Cmdlet(string name) => CmdletMetadata.All.Single(c => c.Name == name);

    private static string Page(string name) => File.ReadAllText(Repository.Folder($"docs/commands/{name}.md")).ReplaceLineEndings("\n");

    private static XElement Help(string name) => Elements(Maml.Root!, "command").Single(c => Elements(Elements(c, "details").Single(), "name").Single().Value == name);

    private static IEnumerable<XElement> Elements(XElement parent, string name) => parent.Elements().Where(e => e.Name.LocalName == name);

    [GeneratedRegex("'([A-Z][A-Za-z]+-[A-Za-z]+)'")]
    private static partial Regex Exported();

    [GeneratedRegex(@"(?s)\n### -(?<name>\w+)\n(?<text>.*?)(?=\n### |\n## )")]
    private static partial Regex ParameterSection();

    [GeneratedRegex(@"(?s)\n### Example \d+: [^\n]+\n\n```powershell\n(.*?)\n```")]
    private static partial Regex ExampleSection();

    [GeneratedRegex(@"## SYNOPSIS\n\n([^\n]+)\n")]
    private static partial Regex SynopsisSection();
}
