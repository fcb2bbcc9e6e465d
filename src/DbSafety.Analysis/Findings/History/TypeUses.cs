using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings.History;

/// <summary>
/// Which columns and tables that were there have a type that the set created: they are dropped with it by CASCADE. Types are compared by their last name, so that one of another schema counts too.
/// </summary>
/// <param name="defaultSchema">Where names without a schema live.</param>
internal sealed class TypeUses(string defaultSchema)
{
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> basedOn = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<(RelationName Table, string? Column), string>> uses = new(StringComparer.Ordinal);
    private readonly HashSet<string> unseen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> schemas = new(StringComparer.Ordinal);
    private bool areTooMany;
    private bool mayBeRenamed;

    /// <summary>What has the type, in words; empty if nothing has.</summary>
    public IReadOnlyList<string> Of(RelationName type) => areTooMany || unseen.Contains(type.Name) ? [.. Known(type), "those that a statement whose effects are not known has given it"] : Known(type);

    /// <summary>The same of all types that the set has created in that schema, or moved to it.</summary>
    public IReadOnlyList<string> In(string schema) => [.. (schemas.GetValueOrDefault(schema) ?? []).SelectMany(t => Of(new RelationName(schema, t))).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>A statement that is not read may have used any of them.</summary>
    public void LoseTrack() => unseen.UnionWith(names);

    /// <param name="isCreated">The set created the table.</param>
    /// <param name="isCertain">The statement runs as written: what it replaces no longer has its type.</param>
    public void Note(SqlStatement statement, Command command, Func<RelationName, bool> isCreated, bool isCertain)
    {
        switch (command)
        {
            case Command.CreateObject { Kind: ObjectKind.Type or ObjectKind.Domain } made:
                Make(made.Name.Name, NamedIn(statement.Tokens));
                Place(made.Name.Schema, made.Name.Name);
                NoteMultirange(made.Name.Name, statement);
                break;
            case Command.CreateTable { Kind: ObjectKind.Table } table when names.Count > 0:
                Make(table.Name.Name, NamedIn(statement.Tokens));
                Place(table.Name.Schema, table.Name.Name);
                break;
            case Command.AlterObject { Kind: ObjectKind.Type or ObjectKind.Domain } alter:
                AlterType(statement, alter);
                break;
            case Command.AlterTable { Kind: ObjectKind.Table or ObjectKind.ForeignTable } alter when names.Count > 0:
                var of = statement.Tokens.ToList().FindIndex(t => t.Is("of"));
                if (of > 0 && !isCreated(alter.Name))
                    Use(NamedIn(statement.Tokens.Skip(of + 1)), (Key(alter.Name), null), $"table {alter.Name.Display(defaultSchema)}");
                foreach (var action in alter.Actions)
                    Alter(alter.Name, action, isCreated(alter.Name), isCertain);
                break;
            case Command.Drop { Kind: ObjectKind.Table } drop when isCertain && !mayBeRenamed:
                foreach (var table in drop.Names)
                    Move(of => of.Table == Key(table), null);
                break;
        }
    }

    private RelationName Key(RelationName name) => new(name.Schema ?? defaultSchema, name.Name);

    private List<string> Known(RelationName type) => uses.TryGetValue(type.Name, out var all) ? [.. all.Values.Distinct().Order(StringComparer.Ordinal)] : [];

    private void Alter(RelationName table, TableAction action, bool isCreated, bool isCertain)
    {
        mayBeRenamed |= !isCertain && action is TableAction.RenameTo or TableAction.RenameColumn or TableAction.SetSchema;
        var key = Key(table);
        switch (action)
        {
            // Its row type is based on it.
            case TableAction.AddColumn add when isCreated:
                Make(table.Name, TypesIn(add.Column.Type));
                break;
            case TableAction.ChangeType change when isCreated:
                Make(table.Name, TypesIn(change.Type));
                break;
            case TableAction.AddColumn add:
                Use(TypesIn($"{add.Column.Type} {add.Column.Generated}"), (key, add.Column.Name), Words(table, add.Column.Name));
                break;
            case TableAction.ChangeType change:
                if (isCertain && !mayBeRenamed)
                    Move(of => of == (key, change.Column), null);
                Use(TypesIn(change.Type), (key, change.Column), Words(table, change.Column));
                break;
            case TableAction.DropColumn drop when isCertain && !mayBeRenamed:
                Move(of => of == (key, drop.Column), null);
                break;
            case TableAction.RenameColumn rename:
                Move(of => of == (key, rename.Column), of => ((of.Table, rename.Name), Words(table, rename.Name)));
                break;
            case TableAction.RenameTo { Name: var name }:
                Move(of => of.Table == key, of => ((key with { Name = name }, of.Column), Words(table with { Name = name }, of.Column)));
                break;
            case TableAction.SetSchema { Schema: var schema }:
                Move(of => of.Table == key, of => ((key with { Schema = schema }, of.Column), Words(table with { Schema = schema }, of.Column)));
                break;
        }
    }

    private void Place(string? schema, string type)
    {
        if (!schemas.TryGetValue(schema ?? defaultSchema, out var types))
            schemas[schema ?? defaultSchema] = types = new HashSet<string>(StringComparer.Ordinal);
        if (!areTooMany)
            types.Add(type);
    }

    private string Words(RelationName table, string? column) =>
        column is null ? $"table {table.Display(defaultSchema)}" : $"column {table.Display(defaultSchema)}.{SqlName.DisplayBehindDot(column)}";

    /// <param name="to">Null: it is gone.</param>
    private void Move(Func<(RelationName Table, string? Column), bool> which, Func<(RelationName Table, string? Column), ((RelationName, string?) Of, string Words)>? to)
    {
        foreach (var known in uses.Values)
        {
            foreach (var of in known.Keys.Where(which).ToList())
            {
                known.Remove(of);
                if (to?.Invoke(of) is var (moved, words))
                    known[moved] = words;
            }
        }
    }

    private List<string> TypesIn(string text) => NamedIn(SqlSplitter.Split(text).SelectMany(s => s.Tokens));

    private void AlterType(SqlStatement statement, Command.AlterObject alter)
    {
        var own = alter.Name.Name;
        foreach (var move in alter.Actions.OfType<ObjectAction.SetSchema>().Where(_ => names.Contains(own)))
            Place(move.Schema, own);
        if (alter.Actions.OfType<ObjectAction.RenameTo>().FirstOrDefault() is { } rename && names.Contains(own))
        {
            // Either name can be meant from here on.
            Make(rename.Name, [own]);
            Make(own, [rename.Name]);
        }
        else if (statement.Contains("attribute") && names.Contains(own))
            Make(own, NamedIn(statement.Tokens));
        else if (statement.Contains("attribute"))
            Use(NamedIn(statement.Tokens), (Key(alter.Name), ""), $"type {alter.Name.Display(defaultSchema)}");
    }

    /// <summary>A type or a table of the set: what has its row type has those that its definition names.</summary>
    private void Make(string name, List<string> named)
    {
        areTooMany |= names.Count > BoundedCache<int, int>.Most;
        if (areTooMany)
            return;
        names.Add(name);
        if (named.Count == 0)
            return;
        if (!basedOn.TryGetValue(name, out var on))
            basedOn[name] = on = new HashSet<string>(StringComparer.Ordinal);
        on.UnionWith(named);
        foreach (var (of, words) in uses.GetValueOrDefault(name) is { } known ? known.ToList() : [])
            Use(named, of, words);
        if (unseen.Contains(name))
            unseen.UnionWith(named);
    }

    /// <summary>A range comes with a multirange: by its name, or by that of the range (https://www.postgresql.org/docs/current/sql-createtype.html).</summary>
    private void NoteMultirange(string range, SqlStatement statement)
    {
        if (!statement.Contains("range"))
            return;
        var tokens = statement.Tokens.ToList();
        var at = tokens.FindIndex(t => t.Is("multirange_type_name"));
        var given = at < 0 ? null : tokens.Skip(at + 1).TakeWhile(t => !t.IsMark(',') && !t.IsMark(')')).Where(t => t.IsName).Select(t => t.Value).LastOrDefault();
        var first = range.IndexOf("range", StringComparison.Ordinal);
        Make(given ?? (first < 0 ? range + "_multirange" : range.Insert(first, "multi")), [range]);
    }

    private void Use(IEnumerable<string> named, (RelationName Table, string? Column) of, string words)
    {
        var queue = new Queue<string>(named);
        while (queue.TryDequeue(out var name))
        {
            if (!uses.TryGetValue(name, out var known))
                uses[name] = known = [];
            if (!known.TryAdd(of, words))
                continue;
            foreach (var on in basedOn.GetValueOrDefault(name) ?? [])
                queue.Enqueue(on);
        }
    }

    /// <summary>PostgreSQL names the type of an array of x _x.</summary>
    private List<string> NamedIn(IEnumerable<SqlToken> tokens) => names.Count == 0 ? []
        : [.. tokens.Where(t => t.IsName).SelectMany(t => new[] { t.Value, t.Value.TrimStart('_') }).Where(names.Contains).Distinct()];
}
