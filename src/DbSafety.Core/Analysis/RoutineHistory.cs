using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Raised;

namespace DbSafety.Analysis;

/// <summary>What the bodies of the routines do that the set itself has made. It happens when one of them is called.</summary>
internal sealed class RoutineHistory
{
    private readonly Dictionary<string, Dictionary<string, Deeds>> routines = new(StringComparer.Ordinal);

    private readonly ShortMemory<string, bool> made = new();

    private readonly ShortMemory<string, string> triggerFunctions = new();

    /// <summary>The CREATE FUNCTION of a trigger's function; null where there is none, or more than one may be called.</summary>
    public string? TriggerFunction(string name) => triggerFunctions.GetValueOrDefault(name) is { } text && routines.TryGetValue(name, out var all) && all.Count == 1 ? text : null;

    /// <summary>No routine that was made does anything.</summary>
    public bool IsEmpty => routines.Count == 0;

    private readonly HashSet<string> setsPath = new(StringComparer.Ordinal);

    /// <summary>Behind a call of it, names can mean other tables than before.</summary>
    public bool SetsPath(string name) => setsPath.Contains(name);

    public void MarkSetsPath(string name) => setsPath.Add(name);

    /// <summary>A routine of that name was made by the set, in a language that is read.</summary>
    public bool IsMade(string name) => made.ContainsKey(name);

    private readonly HashSet<string> domains = new(StringComparer.Ordinal);

    public bool IsDomain(string name) => domains.Contains(name);

    /// <summary>Its checks and its default are computed where a value becomes one of it.</summary>
    public void MakeDomain(RelationName name, Deeds does)
    {
        domains.Add(name.Name);
        if (!routines.TryGetValue(name.Name, out var all))
            routines[name.Name] = all = new Dictionary<string, Deeds>(StringComparer.Ordinal);
        all[$"domain {all.Count}"] = does;
    }

    /// <summary>The domains of the set that are named there.</summary>
    public IEnumerable<string> DomainsIn(IEnumerable<SqlToken> tokens) => domains.Count == 0 ? [] : tokens.Where(t => t.IsName && domains.Contains(t.Value)).Select(t => t.Value);

    /// <summary>An aggregate calls functions that are there, or that the set has made.</summary>
    public void MakeAggregate(RelationName name) => made[name.Name] = true;

    /// <summary>Routines of one name differ by their parameters.</summary>
    public void Make(SqlStatement statement, RelationName name, Deeds does)
    {
        if (IsRead(statement))
            made[name.Name] = true;
        triggerFunctions.Remove(name.Name);
        if (!statement.IsAbridged && statement.Contains("trigger"))
            triggerFunctions[name.Name] = statement.Text;
        if (!routines.TryGetValue(name.Name, out var overloads))
        {
            if (does.IsNothing)
                return;
            routines[name.Name] = overloads = new Dictionary<string, Deeds>(StringComparer.Ordinal);
        }

        overloads[Parameters(statement)] = does;
    }

    /// <summary>A trigger goes on to call it, whatever takes its name.</summary>
    public void Rename(RelationName from, string to)
    {
        if (IsMade(from.Name))
            made[to] = true;
        if (SetsPath(from.Name))
            setsPath.Add(to);
        if (!routines.TryGetValue(from.Name, out var overloads))
            return;
        if (!routines.TryGetValue(to, out var others))
            routines[to] = others = new Dictionary<string, Deeds>(StringComparer.Ordinal);
        foreach (var (parameters, does) in overloads.ToList())
        {
            others[parameters] = does;
            overloads.Remove(parameters);
            overloads[parameters + " renamed"] = does;
        }
    }

    /// <summary>Which of several of one name is called cannot be told, so it is all of them.</summary>
    public IEnumerable<Deeds> Of(string name) => routines.TryGetValue(name, out var overloads) ? overloads.Values : [];

    private static bool IsRead(SqlStatement statement)
    {
        var cursor = new TokenCursor(statement.Tokens);
        cursor.BackTo(cursor.Find("language"));
        return !cursor.Take("language") || (cursor.TakeName() ?? cursor.TakeText())?.ToLowerInvariant() is "sql" or "plpgsql";
    }

    private static string Parameters(SqlStatement statement)
    {
        var open = 0;
        while (open < statement.Tokens.Count && !statement.Tokens[open].IsMark('('))
            open++;
        return new TokenCursor(statement.Tokens, open).TakeParenthesesText();
    }
}
