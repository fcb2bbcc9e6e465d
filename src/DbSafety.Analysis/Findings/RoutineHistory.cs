using System.Collections.Immutable;
using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Functions;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>What the bodies of the routines do that the set created. It happens when one of them is called.</summary>
/// <param name="defaultSchema">Where names without a schema live.</param>
internal sealed class RoutineHistory(string defaultSchema)
{
    private readonly Dictionary<string, Dictionary<(string Schema, string Parameters), BodyEffects>> routines = new(StringComparer.Ordinal);

    private readonly BoundedCache<RelationName, bool> made = new();

    private readonly BoundedCache<string, bool> madeNames = new();

    private readonly BoundedCache<string, string> triggerFunctions = new();

    /// <summary>The CREATE FUNCTION of a trigger's function; null if there is none, or more than one may be called.</summary>
    public string? TriggerFunction(string name) => triggerFunctions.GetValueOrDefault(name) is { } text && routines.TryGetValue(name, out var all) && all.Count == 1 ? text : null;

    private readonly HashSet<RelationName> renamed = [];

    /// <summary>The definitions of the routines that the set created so far, for those of the live database that call them.</summary>
    public ImmutableDictionary<RelationName, ImmutableList<CreatedRoutine>> Created { get; private set; } = ImmutableDictionary<RelationName, ImmutableList<CreatedRoutine>>.Empty;

    /// <summary>No routine that was created does anything.</summary>
    public bool IsEmpty => routines.Count == 0;

    private readonly HashSet<string> setsPath = new(StringComparer.Ordinal);

    /// <summary>Behind a call of it, names can mean other tables than before.</summary>
    public bool SetsPath(string name) => setsPath.Contains(name);

    public void MarkSetsPath(string name) => setsPath.Add(name);

    /// <summary>A script has set the search path: a name without a schema can be that of a routine in any.</summary>
    public bool IsPathTouched { get; set; }

    /// <summary>A routine of that name was created by the set, in a language that is read. One of the same name in another schema is another routine.</summary>
    public bool IsOfSet(RelationName name) => made.ContainsKey(Key(name)) || (name.Schema is null && IsPathTouched && madeNames.ContainsKey(name.Name));

    /// <summary>The same of a name in any schema.</summary>
    public bool IsOfSetInAny(string name) => madeNames.ContainsKey(name);

    /// <summary>
    /// The changes of rows in those of that name and in what they call; null if they may do more than change these rows, compute by functions of PostgreSQL, and assign values to the row of a trigger.
    /// </summary>
    public IReadOnlyList<RowEvent>? ChangesIn(RelationName name)
    {
        var changes = new List<RowEvent>();
        return IsSeen(name, changes, []) ? changes : null;
    }

    private bool IsSeen(RelationName name, List<RowEvent> changes, HashSet<RelationName> seen)
    {
        if (!seen.Add(name))
            return true;
        if (!IsOfSet(name))
            return !routines.ContainsKey(name.Name) && KnownFunctions.IsHarmless(new FunctionCall(null, name.Name, 0));
        foreach (var does in Of(name))
        {
            changes.AddRange(does.Events);
            if (!does.Findings.All(f => f.Rule is "update-rows" or "update-without-where" or "delete-rows" or "delete-without-where")
                // Behind a table's name its columns stand.
                || !does.Calls.All(c => IsSeen(new RelationName(null, c), changes, seen) || FunctionCalls.IsSyntax(c) || does.Events.Any(e => e.Table.Name == c)))
                return false;
        }

        return true;
    }

    private readonly HashSet<string> domains = new(StringComparer.Ordinal);

    public bool IsDomain(string name) => domains.Contains(name);

    /// <summary>Its checks and its default are computed where a value becomes one of it.</summary>
    public void MakeDomain(RelationName name, BodyEffects does)
    {
        domains.Add(name.Name);
        if (!routines.TryGetValue(name.Name, out var all))
            routines[name.Name] = all = [];
        all[(Key(name).Schema!, $"domain {all.Count}")] = does;
    }

    /// <summary>The domains of the set that are named there.</summary>
    public IEnumerable<string> DomainsIn(IEnumerable<SqlToken> tokens) => domains.Count == 0 ? [] : tokens.Where(t => t.IsName && domains.Contains(t.Value)).Select(t => t.Value);

    /// <summary>An aggregate calls functions that are there, or that the set created.</summary>
    public void MakeAggregate(RelationName name) => NoteMade(name);

    private void NoteMade(RelationName name) => made[Key(name)] = madeNames[name.Name] = true;

    private RelationName Key(RelationName name) => new(name.Schema ?? defaultSchema, name.Name);

    /// <summary>Routines of one name differ by their parameters.</summary>
    public void Make(SqlStatement statement, RelationName name, BodyEffects does)
    {
        if (IsRead(statement))
            NoteMade(name);
        triggerFunctions.Remove(name.Name);
        if (!statement.IsAbridged && statement.Contains("trigger"))
            triggerFunctions[name.Name] = statement.Text;
        if (!routines.TryGetValue(name.Name, out var overloads))
        {
            if (does.IsNothing)
                return;
            routines[name.Name] = overloads = [];
        }

        overloads[(Key(name).Schema!, Parameters(statement))] = does;
    }

    private readonly Dictionary<(string Kind, string Name), List<RelationName>> callers = [];

    /// <summary>CREATE OPERATOR and CREATE CAST.</summary>
    public void MakeCaller(SqlStatement statement, ObjectKind kind, string? schema)
    {
        var cursor = new TokenCursor(statement.Tokens);
        var at = statement.Tokens.ToList().FindIndex(t => kind == ObjectKind.Operator ? t.Kind == SqlTokenKind.Operator : t.Is("as"));
        var function = statement.Tokens.ToList().FindIndex(t => t.Is("function") || t.Is("procedure"));
        if (at < 0 || function < 0)
            return;
        cursor.BackTo(at + 1);
        var name = kind == ObjectKind.Operator ? statement.Tokens[at].Value : cursor.TakeRelation(schema)?.Name ?? "";
        cursor.BackTo(function + 1);
        if (kind == ObjectKind.Operator)
            cursor.Skip();
        if (cursor.TakeRelation(schema) is not { } called)
            return;
        var key = (kind == ObjectKind.Operator ? "operator" : "type", name);
        if (!callers.TryGetValue(key, out var functions))
            callers[key] = functions = [];
        functions.Add(called);
    }

    /// <summary>The functions that operators and casts of the set call there, and those of the set that are written as columns of a row.</summary>
    public IEnumerable<RelationName> HiddenIn(IReadOnlyList<SqlToken> tokens, string? schema)
    {
        if (callers.Count + routines.Count == 0)
            return [];
        return HiddenCall.In(tokens, schema).SelectMany(h => h.Kind == "field" ? routines.TryGetValue(h.Name.Name, out var of) && of.Keys.Any(k => TakesOne(k.Parameters)) ? [h.Name] : []
            : callers.TryGetValue((h.Kind, h.Name.Name), out var functions) ? functions : Enumerable.Empty<RelationName>());
    }

    /// <summary>One parameter, or more that have a default.</summary>
    private static bool TakesOne(string parameters) => parameters.Length > 2 && (!parameters.Contains(',', StringComparison.Ordinal) || parameters.Contains("default", StringComparison.OrdinalIgnoreCase) || parameters.Contains('=', StringComparison.Ordinal));

    /// <param name="name">With its schema.</param>
    /// <param name="isCertain">False in bodies: whether and when they run is not known.</param>
    public void KeepDefinition(SqlStatement statement, RelationName name, bool isCertain)
    {
        var routine = new CreatedRoutine(Parameters(statement), IsRead(statement) && !statement.IsAbridged ? statement.Text : null, isCertain && !renamed.Contains(name));
        Created = Created.SetItem(name, Created.GetValueOrDefault(name, []).RemoveAll(r => isCertain && r.Parameters == routine.Parameters).Add(routine));
    }

    /// <summary>A rollback may have restored the routines of the live database.</summary>
    public void Doubt() => Created = Created.ToImmutableDictionary(m => m.Key, m => m.Value.ConvertAll(r => r with { Replaces = false }));

    /// <summary>What still calls the routine of that name calls another one than the next of that name.</summary>
    public void NoteRenamed(RelationName name) => renamed.Add(name);

    /// <summary>It may be another function of the live database than the one of that name, or none.</summary>
    public bool IsRenamed(RelationName name) => renamed.Any(r => r.Name == name.Name);

    /// <summary>ALTER … RENAME TO or SET SCHEMA: a trigger goes on to call it, whatever takes its name.</summary>
    public void Rename(RelationName from, RelationName to)
    {
        if (IsOfSet(from))
            NoteMade(to);
        if (SetsPath(from.Name))
            setsPath.Add(to.Name);
        if (!routines.TryGetValue(from.Name, out var overloads))
            return;
        if (!routines.TryGetValue(to.Name, out var others))
            routines[to.Name] = others = [];
        foreach (var ((schema, parameters), does) in overloads.Where(o => o.Key.Schema == Key(from).Schema).ToList())
        {
            overloads.Remove((schema, parameters));
            overloads[(schema, parameters + " renamed")] = does;
            others[(Key(to).Schema!, parameters)] = does;
        }
    }

    /// <summary>All overloads count, because it is unknown which one is called.</summary>
    public IEnumerable<BodyEffects> Of(string name) => routines.TryGetValue(name, out var overloads) ? overloads.Values : [];

    /// <summary>Those of that schema; of any where none is written.</summary>
    public IEnumerable<BodyEffects> Of(RelationName name) =>
        !routines.TryGetValue(name.Name, out var overloads) ? [] : name.Schema is null ? overloads.Values : overloads.Where(o => o.Key.Schema == name.Schema).Select(o => o.Value);

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
