using System.Text.RegularExpressions;

namespace DbSafety.Migrations.Sources.Reading;

/// <summary>Whether statements undo earlier statements: compares the kinds and names of objects, as they are written.</summary>
internal static partial class UndoneStatements
{
    public static bool In(IReadOnlyList<string> before, IReadOnlyList<string> after)
    {
        var done = before.SelectMany(Done).ToHashSet(StringComparer.Ordinal);
        return after.SelectMany(Undone).Any(done.Contains);
    }

    private static IEnumerable<string> Done(string statement) =>
        Temporary().IsMatch(statement) ? []
        : [.. Names(Create(), statement, "object"), .. Names(Add(), statement, "object"), .. Names(Insert(), statement, "rows"), .. Switches(Enable(), statement), .. Names(SetNotNull(), statement, "null"), .. Names(SetDefault(), statement, "default"),
            .. Renamed(statement, "to", "name"), .. Names(Grant(), statement, "grant")];

    private static IEnumerable<string> Undone(string statement) =>
        [.. Names(Drop(), statement, "object"), .. Names(Delete(), statement, "rows"), .. Switches(Disable(), statement), .. Names(DropNotNull(), statement, "null"), .. Names(DropDefault(), statement, "default"),
            .. Renamed(statement, "name", "to"), .. Names(Revoke(), statement, "grant")];

    private static IEnumerable<string> Names(Regex regex, string statement, string kind) => regex.Matches(statement).Select(m => $"{kind} {Last(m.Groups["name"].Value)}");

    private static IEnumerable<string> Switches(Regex regex, string statement) =>
        AlterTable().Match(statement) is { Success: true } table ? regex.Matches(statement).Select(m => $"switch {Last(table.Groups["name"].Value)} {Blanks().Replace(m.Groups["what"].Value, " ").ToLowerInvariant()}") : [];

    private static IEnumerable<string> Renamed(string statement, string from, string to) =>
        RenamedPart().Matches(statement).Where(m => m.Groups["name"].Value.Length > 0 && !m.Groups["name"].Value.Equals("to", StringComparison.OrdinalIgnoreCase)).Concat(RenamedObject().Matches(statement)).Select(m => $"name {Last(m.Groups[from].Value)} {Last(m.Groups[to].Value)}");

    private static string Last(string name) => name[(name.LastIndexOf('.') + 1)..].Trim('"', ' ').ToLowerInvariant();

    private const string Name = @"(?<name>(?:""[^""]+""|[\w$]+)(?:\s*\.\s*(?:""[^""]+""|[\w$]+))*)";

    private const string Kinds = "table|view|index|function|procedure|aggregate|trigger|policy|type|domain|sequence|schema|extension|role|user|rule|publication|subscription|server|collation|operator|cast";

    [GeneratedRegex(@"^\s*create\s+(global\s+|local\s+)?temp", RegexOptions.IgnoreCase)]
    private static partial Regex Temporary();

    [GeneratedRegex(@"^\s*create\s+(?:or\s+replace\s+)?(?:unlogged\s+|unique\s+|materialized\s+|recursive\s+|constraint\s+|event\s+|foreign\s+)*(?:" + Kinds + @")\s+(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?" + Name, RegexOptions.IgnoreCase)]
    private static partial Regex Create();

    [GeneratedRegex(@"\badd\s+(?:column\s+|constraint\s+|value\s+|table\s+)?(?:if\s+not\s+exists\s+)?(?!column\b|constraint\b)" + Name, RegexOptions.IgnoreCase)]
    private static partial Regex Add();

    [GeneratedRegex(@"\bdrop\s+(?:materialized\s+|event\s+|foreign\s+)?(?:(?:" + Kinds + @"|column|constraint)\s+)?(?:concurrently\s+)?(?:if\s+exists\s+)?(?!not\s+null\b|default\b)" + Name + @"|(?<=\bdrop\s+(?:table|view|index|sequence|type)\b[^;]*,\s*)" + Name, RegexOptions.IgnoreCase)]
    private static partial Regex Drop();

    [GeneratedRegex(@"^\s*insert\s+into\s+" + Name, RegexOptions.IgnoreCase)]
    private static partial Regex Insert();

    [GeneratedRegex(@"^\s*(?:delete\s+from|truncate(?:\s+table)?)\s+(?:only\s+)?" + Name, RegexOptions.IgnoreCase)]
    private static partial Regex Delete();

    [GeneratedRegex(@"^\s*alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?" + Name, RegexOptions.IgnoreCase)]
    private static partial Regex AlterTable();

    [GeneratedRegex(@"\b(?<!no\s+)(?:enable|force)\s+(?:always\s+|replica\s+)?(?<what>row\s+level\s+security|trigger\s+\S+|rule\s+\S+)", RegexOptions.IgnoreCase)]
    private static partial Regex Enable();

    [GeneratedRegex(@"\b(?:disable|no\s+force)\s+(?<what>row\s+level\s+security|trigger\s+\S+|rule\s+\S+)", RegexOptions.IgnoreCase)]
    private static partial Regex Disable();

    [GeneratedRegex(@"\balter\s+(?:column\s+)?" + Name + @"\s+set\s+not\s+null", RegexOptions.IgnoreCase)]
    private static partial Regex SetNotNull();

    [GeneratedRegex(@"\balter\s+(?:column\s+)?" + Name + @"\s+drop\s+not\s+null", RegexOptions.IgnoreCase)]
    private static partial Regex DropNotNull();

    [GeneratedRegex(@"\balter\s+(?:column\s+)?" + Name + @"\s+set\s+default", RegexOptions.IgnoreCase)]
    private static partial Regex SetDefault();

    [GeneratedRegex(@"\balter\s+(?:column\s+)?" + Name + @"\s+drop\s+default", RegexOptions.IgnoreCase)]
    private static partial Regex DropDefault();

    [GeneratedRegex(@"\brename\s+(?:column\s+|constraint\s+)?" + Name + @"\s+to\s+(?<to>""[^""]+""|[\w$]+)", RegexOptions.IgnoreCase)]
    private static partial Regex RenamedPart();

    [GeneratedRegex(@"^\s*alter\s+\w+(?:\s+view)?\s+(?:if\s+exists\s+)?" + Name + @"\s+rename\s+to\s+(?<to>""[^""]+""|[\w$]+)", RegexOptions.IgnoreCase)]
    private static partial Regex RenamedObject();

    [GeneratedRegex(@"^\s*grant\s.*\son\s+(?:table\s+|schema\s+|function\s+|sequence\s+)?" + Name, RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Grant();

    [GeneratedRegex(@"^\s*revoke\s.*\son\s+(?:table\s+|schema\s+|function\s+|sequence\s+)?" + Name, RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Revoke();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
