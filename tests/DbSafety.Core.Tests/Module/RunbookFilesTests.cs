using System.CommandLine;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using DbSafety.Cli;
using YamlDotNet.RepresentationModel;

namespace DbSafety.Core.Tests.Module;

/// <summary>The files of docs/runbooks parse, and use commands, options and parameters that exist.</summary>
public sealed partial class RunbookFilesTests
{
    private static string Folder => Repository.Folder("docs/runbooks");

    [Theory]
    [InlineData("*.sh")]
    [InlineData("*.yml")]
    public void Commands_of_the_runbooks_exist_on_the_command_line(string pattern)
    {
        var root = CommandLine.Root(TextWriter.Null, TextWriter.Null);
        var found = Read(pattern).SelectMany(text => Calls().Matches(text.Replace("\\\n", "", StringComparison.Ordinal)).Select(m => m.Groups["rest"].Value)).ToList();
        Assert.NotEmpty(found);
        Assert.All(found, call =>
        {
            var words = call.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Command command = root;
            foreach (var word in words.TakeWhile(w => command.Subcommands.Count > 0))
                command = command.Subcommands.SingleOrDefault(c => c.Name == word) ?? throw new InvalidOperationException($"there is no {word} in: {call}");
            Known(command, call);
        });
    }

    [Fact]
    public void Options_that_the_shell_scripts_collect_exist()
    {
        var create = CommandLine.Root(TextWriter.Null, TextWriter.Null).Subcommands.Single(c => c.Name == "backup").Subcommands.Single(c => c.Name == "create");
        Assert.All(Read("nightly.sh").SelectMany(t => Collected().Matches(t).Select(m => m.Value)), line => Known(create, line));
    }

    [Fact]
    public void Cmdlets_and_parameters_of_the_PowerShell_scripts_exist()
    {
        var found = Read("*.ps1").SelectMany(text => Cmdlet().Matches(text)).ToList();
        Assert.True(found.Count >= 10);
        Assert.All(found, match =>
        {
            var cmdlet = Assert.Single(CmdletMetadata.All, c => c.Name == match.Groups["name"].Value);
            var parameters = cmdlet.Parameters.Select(p => p.Name).Concat(["Force", "ErrorAction", "WhatIf", "Confirm"]).ToList();
            Assert.All(Parameter().Matches(match.Groups["rest"].Value).Select(m => m.Groups[1].Value), p => Assert.Contains(p, parameters));
        });
    }

    [Fact]
    public void Each_schedule_starts_a_script_that_exists()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Folder, "windows"), "*.xml"))
        {
            XNamespace ns = "http://schemas.microsoft.com/windows/2004/02/mit/task";
            var task = XDocument.Load(file).Root!;
            Assert.Equal(ns + "Task", task.Name);
            var arguments = task.Element(ns + "Actions")!.Element(ns + "Exec")!.Element(ns + "Arguments")!.Value;
            Assert.True(File.Exists(Path.Combine(Folder, Script().Match(arguments).Value)), arguments);
            Assert.Equal("IgnoreNew", task.Element(ns + "Settings")!.Element(ns + "MultipleInstancesPolicy")!.Value);
        }

        foreach (var text in Read("*.yaml").Concat(Read("*.yml")).Concat(Read("*.service")).Concat(Read("*.cron")).Concat(Read("Dockerfile")))
            Assert.All(Script().Matches(text).Select(m => m.Value), name => Assert.True(File.Exists(Path.Combine(Folder, name)), name));
    }

    [Fact]
    public void The_cron_jobs_of_Kubernetes_run_one_at_a_time_without_privileges()
    {
        var jobs = Documents("kubernetes/cronjobs.yaml").Where(d => $"{d["kind"]}" == "CronJob").ToList();
        Assert.Equal(2, jobs.Count);
        Assert.All(jobs, job =>
        {
            Assert.Equal("Forbid", $"{job["spec"]["concurrencyPolicy"]}");
            var pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"];
            Assert.Equal("true", $"{pod["securityContext"]["runAsNonRoot"]}");
            Assert.Equal("false", $"{pod["containers"][0]["securityContext"]["allowPrivilegeEscalation"]}");
        });
    }

    [Fact]
    public void The_workflow_passes_secrets_in_the_environment_only()
    {
        var workflow = Documents("github/database.yml").Single();
        var steps = ((YamlMappingNode)workflow["jobs"]).Children.Values.SelectMany(j => (YamlSequenceNode)j["steps"]).OfType<YamlMappingNode>().ToList();
        Assert.True(steps.Count >= 4);
        Assert.All(steps.Where(s => s.Children.ContainsKey("run")), s => Assert.DoesNotContain("${{", $"{s["run"]}", StringComparison.Ordinal));
    }

    /// <summary>Both kinds of scripts read the same settings.</summary>
    [Fact]
    public void Each_setting_of_the_sample_is_read_by_both_kinds_of_scripts()
    {
        var names = Setting().Matches(Read("dbsafety.env.sample").Single()).Select(m => m.Groups[1].Value).Where(n => n != "URL_shop").ToList();
        Assert.True(names.Count >= 12);
        var (shell, powerShell) = (string.Concat(Read("*.sh")), string.Concat(Read("*.ps1")));
        Assert.All(names, name => Assert.True(Regex.IsMatch(shell, $@"\${{?{name}\b") && Regex.IsMatch(powerShell, $@"\.{name}\b"), name));
    }

    private static void Known(Command command, string call)
    {
        var options = command.Options.Concat(CommandLine.Root(TextWriter.Null, TextWriter.Null).Options).Select(o => o.Name).ToList();
        Assert.All(Option().Matches(call).Select(m => m.Value), o => Assert.True(options.Contains(o), $"there is no {o} in: {call}"));
    }

    private static IEnumerable<string> Read(string pattern) =>
        Directory.GetFiles(Folder, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllText);

    private static IEnumerable<YamlNode> Documents(string name)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(Path.Combine(Folder, name))));
        return stream.Documents.Select(d => d.RootNode);
    }

    [GeneratedRegex(@"^(?!\s*#).*?\bdbsafety(?:_run (?:""\$database""|'')| --json|) (?<rest>(?:backup|migration|restore|log)\b.*)$", RegexOptions.Multiline)]
    private static partial Regex Calls();

    [GeneratedRegex(@"(?<=set -- ).*$", RegexOptions.Multiline)]
    private static partial Regex Collected();

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z-]+")]
    private static partial Regex Option();

    [GeneratedRegex(@"(?<name>(?:Backup|Get|Test|Remove|Restore|Invoke)-(?:Pg\w+|SafeMigration|DbSafetyLog))(?<rest>[^|\n]*)")]
    private static partial Regex Cmdlet();

    [GeneratedRegex(@"(?<=\s)-([A-Z]\w+)")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"[\w-]+\.(?:sh|ps1)\b(?=[""\s\]]|$)")]
    private static partial Regex Script();

    [GeneratedRegex(@"^([A-Za-z_]\w*)='", RegexOptions.Multiline)]
    private static partial Regex Setting();
}
