using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using DbSafety.Cli;
using DbSafety.Errors;
using DbSafety.PowerShell.Running;

namespace DbSafety.Core.Tests.Module;

/// <summary>Advice is a command of the front end that prints it.</summary>
public sealed partial class AdviceTests
{
    private static readonly CmdletAdvice Cmdlets = new();

    /// <summary>All advice of the error catalogue and of the code, with X for values.</summary>
    private static IReadOnlyList<Advice> All { get; } =
    [
        .. ErrorCatalogue.All.SelectMany(e => Advice.In(e.Message).Concat(Advice.In(e.Hint))),
        .. Files().SelectMany(f => Calls(File.ReadAllText(f)).Select(c => Advice.Of(FormattableStringFactory.Create(c.Command)))),
    ];

    [Fact]
    public void All_advice_renders_to_existing_commands_of_the_command_line()
    {
        var root = CommandLine.Root(TextWriter.Null, TextWriter.Null);
        Assert.True(All.Count > 80, $"only {All.Count}");
        Assert.All(All, advice =>
        {
            Command? command = root;
            foreach (var word in advice.Verb?.Split(' ') ?? [])
                command = command.Subcommands.Single(c => c.Name == word);
            // Options without a verb belong to the command that failed.
            var options = (advice.Verb is null ? Commands(root) : [root, command]).SelectMany(c => c.Options).Select(o => o.Name).ToList();
            Assert.All(advice.Words, w => Assert.True(w.Option is null || options.Contains("--" + w.Option), $"{advice}: --{w.Option}"));
        });
    }

    [Fact]
    public void All_advice_renders_to_existing_cmdlets_and_parameters()
    {
        string[] common = ["Verbose", "Confirm", "WhatIf"];
        Assert.All(All, advice =>
        {
            var text = Cmdlets.Render(advice);
            var cmdlets = CmdletMetadata.All.Where(c => advice.Verb is null || c.Name == text.Split(' ')[0]).ToList();
            Assert.True(cmdlets.Count > 0, text);
            var parameters = cmdlets.SelectMany(c => c.Parameters).Select(p => p.Name).Concat(common).ToList();
            Assert.All(Parameters().Matches(text).Select(m => m.Groups[1].Value), p => Assert.Contains(p, parameters));
            Assert.DoesNotContain("--", text, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Text_names_commands_and_options_only_through_advice()
    {
        // pg_dump, pg_restore, psql and Prisma have these too.
        string[] shared = ["--schema-only", "--data-only", "--table", "--format", "--jobs", "--database", "--verbose", "--rolled-back", "--applied", "--help", "--version", "--exclude-table", "--schema", "--all"];
        var own = Commands(CommandLine.Root(TextWriter.Null, TextWriter.Null)).SelectMany(c => c.Options).Select(o => o.Name).Where(o => o.StartsWith("--", StringComparison.Ordinal)).Except(shared).Distinct();
        // A text that is only the name of a command is the name of a session.
        var pattern = new Regex($@"(?<!""|{{)\bdbsafety (backup|database|demo|migration|restore|retained|volume) [a-z]+|\bdbsafety (backup|database|demo|migration|restore|retained|volume) [a-z]+(?!""|[a-z])|[ (]({string.Join('|', own)})(?![\w-])");
        var found = Files().SelectMany(f => Texts(f).SelectMany(t => pattern.Matches(t).Select(m => $"{Path.GetFileName(f)}: {m.Value} in {t}")));
        Assert.True(!found.Any(), string.Join("\n", found));
    }

    [Theory]
    [InlineData("a b", "dbsafety backup create --container \"a b\"", "Backup-PgDatabase -Container \"a b\"")]
    [InlineData("a$b", "dbsafety backup create --container 'a$b'", "Backup-PgDatabase -Container 'a$b'")]
    [InlineData("it's", "dbsafety backup create --container \"it's\"", "Backup-PgDatabase -Container \"it's\"")]
    [InlineData("it's `x`", "dbsafety backup create --container 'it'\\''s `x`'", "Backup-PgDatabase -Container 'it''s `x`'")]
    [InlineData("$d’s", "dbsafety backup create --container '$d’s'", "Backup-PgDatabase -Container '$d’’s'")]
    [InlineData("C:\\backups", "dbsafety backup create --container 'C:\\backups'", "Backup-PgDatabase -Container \"C:\\backups\"")]
    public void Values_are_quoted_for_each_shell(string value, string line, string cmdlet)
    {
        var advice = Advice.Of($"backup create --container \"{value}\"");
        Assert.Equal((line, cmdlet), (new CommandLineAdvice().Render(advice), Cmdlets.Render(advice)));
    }

    [Fact]
    public void Each_front_end_renders_advice_in_its_own_syntax()
    {
        Assert.Equal("-Allow 'drop-table:a', 'drop-column:b.c'", Cmdlets.Render(Advice.Allow(["drop-table:a", "drop-column:b.c", "drop-table:a"])));
        Assert.Equal("--allow 'drop-table:a' --allow 'drop-column:b.c'", Advice.Allow(["drop-table:a", "drop-column:b.c", "drop-table:a"]).ToString());
        Assert.Equal("Resolve-PgMigration \"my path\" -As Baseline -Name \"003_c.sql\" -Source Sql", Cmdlets.Render(Advice.Of($"migration resolve \"{"my path"}\" --baseline \"{"003_c.sql"}\" {Advice.Of($"--source sql")}")));
        Assert.Equal("Resolve-PgMigration PATH -As RolledBack -Name NAME", Cmdlets.Render(Advice.Of($"migration resolve PATH --rolled-back NAME {null}")));
        Assert.Equal("-ConnectionString \"postgres://u@h:1/d\"", Cmdlets.Render(Advice.Of($"--database-url \"{"postgres://u@h:1/d"}\"")));
        Assert.Equal("Skip it (--skip-rehearsal) on {x}, or: dbsafety restore undo --to \"a {b}\".", Advice.Format("Skip it ({--skip-rehearsal}) on {{x}}, or: {dbsafety restore undo --to \"{0}\"}.", "a {b}"));
    }

    private static IEnumerable<Command> Commands(Command command) => command.Subcommands.SelectMany(Commands).Prepend(command);

    private static IEnumerable<string> Files() => new[] { "src/DbSafety.Core", "src/DbSafety.Analysis" }
        .SelectMany(f => Directory.EnumerateFiles(Repository.Folder(f), "*.cs", SearchOption.AllDirectories))
        .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && Path.GetFileName(f) != "Advice.cs");

    /// <summary>The strings of a file, without its comments and the advice in them.</summary>
    private static IEnumerable<string> Texts(string file)
    {
        var text = Comments().Replace(File.ReadAllText(file), "");
        foreach (var (start, length, _) in Enumerable.Reverse(Calls(text)))
            text = text.Remove(start, length);
        return Literals().Matches(Marks().Replace(text, "")).Select(m => m.Value);
    }

    /// <summary>Without those within the values of others.</summary>
    private static List<(int Start, int Length, string Command)> Calls(string text)
    {
        const string Begin = "Advice.Of($\"";
        List<(int, int, string)> found = [];
        for (var at = text.IndexOf(Begin, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Begin, at, StringComparison.Ordinal))
        {
            var (start, command, depth) = (at, new StringBuilder(), 0);
            for (at += Begin.Length; depth > 0 || text[at] != '"'; at++)
            {
                if (depth == 0 && text[at] == '{')
                    command.Append('X');
                else if (depth == 0 && text[at] != '\\')
                    command.Append(text[at]);
                else if (depth == 0)
                    command.Append(text[++at]);
                depth += text[at] == '{' ? 1 : text[at] == '}' ? -1 : 0;
            }

            found.Add((start, at - start, command.ToString()));
        }

        return found;
    }

    [GeneratedRegex(@"(?:^| )-([A-Z]\w*)(?=[ :,]|$)")]
    private static partial Regex Parameters();

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline)]
    private static partial Regex Comments();

    [GeneratedRegex(@"\{(dbsafety |--)([^{}]|\{\d+\})+\}|\(npx [^)]*\)")]
    private static partial Regex Marks();

    [GeneratedRegex(@"""(?:[^""\\\r\n]|\\.)*""")]
    private static partial Regex Literals();
}
