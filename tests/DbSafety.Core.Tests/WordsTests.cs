using System.Text.RegularExpressions;

namespace DbSafety.Core.Tests;

/// <summary>What a person reads uses the terms of the manuals of PostgreSQL, PowerShell and Docker, and one term for one thing.</summary>
public sealed partial class WordsTests
{
    /// <summary>Each with the term in its place.</summary>
    private static readonly (string Pattern, string Term)[] Words =
    [
        (@"anew", "again, from scratch, re-create"),
        (@"mend(s|ed|ing)?", "fix, correct"),
        (@"throwaway", "temporary"),
        (@"ledgers?", "migration history"),
        (@"meanwhile", "while it runs, until it finishes"),
        (@"held? against", "compare with, check"),
        (@"(has|have|had) not the rights?", "permission denied; requires the … privilege"),
        (@"cannot be had", "unavailable, not found, not installed"),
        (@"end(s|ed)? (badly|well)", "failed, succeeded"),
        (@"nothing to remark", "no findings"),
        (@"ones? of before", "previous database"),
        (@"(is|are|was|were|be|been) told", "is reported, is shown"),
        (@"tells?", "reports, shows"),
        (@"(put|puts|take|takes|took|taken|bring|brings|brought) (it |them |this |that )?back", "restore, roll back, undo"),
        (@"how (it|they) stands?", "state"),
        (@"sweeps?|swept", "remove, prune"),
        (@"(make|makes|made|more|little|enough|no|free|the|much) room", "free space"),
        (@"time-outs?", "timeout"),
        (@"somebody|everybody|nobody", "other sessions; name who"),
        (@"from [0-9]+ on", "version … and later"),
        (@"without end", "without a timeout"),
        (@"stands? behind|(lies|comes?) behind", "after, trailing"),
        (@"ha(s|ve) a say|on its own account", "…"),
        (@"makes? (an? |the )?(new )?(index|table|view|function|trigger|column|backup|database|file|copy|schema|sequence|type|role|extension)", "creates"),
    ];

    [Fact]
    public void Source_texts_use_the_terms_of_the_PostgreSQL_manual() => Hold(Sources("src", "*.cs").SelectMany(f => Literals(f).Select(l => (f, l))));

    [Fact]
    public void Help_and_docs_use_the_terms_of_the_PostgreSQL_manual() =>
        Hold(Sources("docs", "*.md").Where(f => !f.EndsWith("peers.md", StringComparison.Ordinal)).Concat(Sources("en-US", "*.*")).Append(Repository.Folder("README.md")).SelectMany(f => Prose(f).Select(l => (f, l))));

    [Fact]
    public void Test_names_use_the_manuals_terms() =>
        Hold(Sources("tests", "*.cs").SelectMany(f => XunitName().Matches(File.ReadAllText(f)).Select(m => (f, m.Groups[1].Value.Replace('_', ' '))))
            .Concat(Sources("tests", "*.ps1").SelectMany(f => PesterName().Matches(File.ReadAllText(f)).Select(m => (f, m.Groups[1].Value)))));

    private static void Hold(IEnumerable<(string File, string Text)> texts)
    {
        var words = Words.Select(w => (Pattern: new Regex($@"\b({w.Pattern})\b", RegexOptions.IgnoreCase), w.Term)).ToList();
        var found =
            from text in texts
            from word in words
            let match = word.Pattern.Match(text.Text)
            where match.Success
            select $"{Path.GetRelativePath(Repository.Root, text.File)}: \"{match.Value}\" (write: {word.Term}) in: {text.Text.Trim()}";
        Assert.Equal("", string.Join('\n', found));
    }

    private static IEnumerable<string> Sources(string folder, string pattern) =>
        Directory.EnumerateFiles(Repository.Folder(folder), pattern, SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !f.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    /// <summary>Comments, and strings with a space, without placeholders and SQL.</summary>
    private static IEnumerable<string> Literals(string file) =>
        Literal().Matches(File.ReadAllText(file)).Select(m => Placeholder().Replace(m.Value, "")).Where(t => t.Contains(' ', StringComparison.Ordinal) && !Sql().IsMatch(t));

    /// <summary>Lines outside of code, without what stands between backticks.</summary>
    private static IEnumerable<string> Prose(string file)
    {
        var isCode = false;
        foreach (var line in File.ReadLines(file))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
                isCode = !isCode;
            else if (!isCode)
                yield return Quoted().Replace(line, "");
        }
    }

    [GeneratedRegex("""^[ \t]*///?.*$|"(?:[^"\\\r\n]|\\.)*" """, RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Literal();

    [GeneratedRegex(@"public (?:async Task|void|Task) ([A-Z]\w+_\w+)\(")]
    private static partial Regex XunitName();

    [GeneratedRegex("(?:It|Describe|Context) '((?:[^']|'')+)'")]
    private static partial Regex PesterName();

    [GeneratedRegex("{[^{}]*}|<[^<>]*>")]
    private static partial Regex Placeholder();

    [GeneratedRegex("^\"(SELECT|INSERT|UPDATE|DELETE|CREATE|LOCK|SET) ")]
    private static partial Regex Sql();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex Quoted();
}
