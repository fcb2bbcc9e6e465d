using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Migrations.Applying.Scripts;

/// <summary>The changes that the statements of scripts show, by the names in them.</summary>
internal sealed class VisibleStatements
{
    private readonly HashSet<RelationName> updates = [], inserts = [], locked = [], rewritten = [];
    private readonly HashSet<(RelationName Owner, string Column)> types = [];
    private readonly bool mayCall;

    public static VisibleStatements None { get; } = new([]);

    public VisibleStatements(IEnumerable<SqlStatement> statements)
    {
        foreach (var statement in statements)
        {
            var command = CommandParser.Parse(statement, null);
            Add(command);
            mayCall |= ScriptPlan.MayCommit(statement) || statement.StartsWith("select") || statement.StartsWith("with");
            foreach (var inner in RoutineBody.Statements(statement, command))
                Add(CommandParser.ParseInBody(inner, null));
        }
    }

    /// <summary>Tables whose values can become NULL under a lock that blocks reads by other sessions.</summary>
    public IEnumerable<RelationName> ChangedUnderLock => updates.Where(u => locked.Any(l => l.Name == u.Name && (l.Schema is null || u.Schema is null || l.Schema == u.Schema))).Concat(mayCall ? rewritten : []).Distinct();

    /// <summary>A statement rewrites the table, and none calls anything.</summary>
    public bool OnlyRewrites(string schema, string table) => !mayCall && Names(rewritten, schema, table);

    /// <summary>A statement names the table that it updates.</summary>
    public bool Updates(string schema, string table) => Names(updates, schema, table);

    /// <summary>A statement inserts into the table, and none calls anything.</summary>
    public bool OnlyInsertsInto(string schema, string table) => !mayCall && Names(inserts, schema, table);

    /// <summary>A statement gives the column of the table, or the attribute of the type, another type.</summary>
    /// <param name="owner">Null: the table that it is inherited from is not known.</param>
    public bool ChangesType(string? schema, string? owner, string column) => types.Any(t => t.Column == column && (owner is null || Is(t.Owner, schema!, owner)));

    private void Add(Command command)
    {
        foreach (var change in command.Changes)
            (change.Kind == RowChangeKind.Update ? updates : change.Kind == RowChangeKind.Insert ? inserts : []).Add(change.Table);
        if (command is Command.Copy { IsInput: true } copy)
            inserts.Add(copy.Table);
        foreach (var effect in EffectReader.Read(command))
        {
            switch (effect.Cause)
            {
                case TableAction.ChangeType change:
                    types.Add((effect.Table, change.Column));
                    break;
                case ObjectAction.AlterAttribute change:
                    types.Add((effect.Table, change.Name));
                    break;
                case ObjectAction.DropAttribute drop:
                    types.Add((effect.Table, drop.Name));
                    break;
            }

            rewritten.UnionWith(effect.Locks.Where(l => l.Work == TableWork.Rewrite).Select(l => l.Table));
            locked.UnionWith(effect.Locks.Where(l => l.StopsReaders).Select(l => l.Table));
        }
    }

    private static bool Names(HashSet<RelationName> names, string schema, string table) => names.Any(n => Is(n, schema, table));

    private static bool Is(RelationName written, string schema, string name) => written.Name == name && (written.Schema is null || written.Schema == schema);
}
