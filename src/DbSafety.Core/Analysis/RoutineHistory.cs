using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis;

/// <summary>What the bodies of the routines do that the set itself has made. It happens when one of them is called.</summary>
internal sealed class RoutineHistory
{
    private readonly Dictionary<string, Dictionary<string, IReadOnlyList<MigrationFinding>>> routines = new(StringComparer.Ordinal);

    private readonly ShortMemory<string, bool> made = new();

    /// <summary>A routine of that name was made by the set, in a language that is read.</summary>
    public bool IsMade(string name) => made.ContainsKey(name);

    /// <summary>An aggregate calls functions that are there, or that the set has made.</summary>
    public void MakeAggregate(RelationName name) => made[name.Name] = true;

    /// <summary>Routines of one name differ by their parameters.</summary>
    public void Make(SqlStatement statement, RelationName name, IReadOnlyList<MigrationFinding> does)
    {
        if (IsRead(statement))
            made[name.Name] = true;
        if (!routines.TryGetValue(name.Name, out var overloads))
        {
            if (does.Count == 0)
                return;
            routines[name.Name] = overloads = new Dictionary<string, IReadOnlyList<MigrationFinding>>(StringComparer.Ordinal);
        }

        // Routines call each other: what many of them do is told once.
        overloads[Parameters(statement)] = [.. does.DistinctBy(f => (f.Rule, f.Message))];
    }

    /// <summary>What a statement brings about by calling routines of the set. Which of several of one name is called cannot be told, so it is all of them.</summary>
    public IEnumerable<(string Routine, MigrationFinding Finding)> CalledBy(SqlStatement statement, Command command)
    {
        return routines.Count == 0 || (command is Command.Call ? 0 : OutsideEffects.From(statement, command)) is not { } from ? [] : Calls().DistinctBy(c => (c.Finding.Rule, c.Finding.Message));

        IEnumerable<(string Routine, MigrationFinding Finding)> Calls()
        {
            for (var i = from + 1; i < statement.Tokens.Count; i++)
            {
                if (!statement.Tokens[i].IsMark('(') || !statement.Tokens[i - 1].IsName || !routines.TryGetValue(statement.Tokens[i - 1].Value, out var overloads))
                    continue;
                foreach (var finding in overloads.Values.SelectMany(f => f))
                    yield return (statement.Tokens[i - 1].Value, finding);
            }
        }
    }

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
