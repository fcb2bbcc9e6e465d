using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis;

/// <summary>An effect on objects that no earlier statement of the set has touched: the live database's catalog shows whether PostgreSQL refuses it, or whether it does nothing.</summary>
internal sealed record LiveEffect(Effect Effect, SqlStatement Statement)
{
    /// <summary>Of statements with more actions none is looked at.</summary>
    private const int MostActions = 100;

    /// <summary>No earlier statement has dropped or changed anything: what the catalog shows of other objects is what the statement meets too.</summary>
    public required bool IsCatalogCertain { get; init; }

    /// <summary>No earlier statement has changed rows.</summary>
    public required bool IsRowsCertain { get; init; }

    /// <summary>ALTER TABLE ONLY.</summary>
    public bool IsOnly => Statement.StartsWith("alter", "table", "only") || Statement.StartsWith("alter", "table", "if", "exists", "only");

    /// <summary>Null where the catalog cannot be asked about it.</summary>
    public static LiveEffect? Of(Effect effect, StatementContext context)
    {
        if (context.ServerMajor is null || context.InBody || context.IsUndo || context.Script.SearchPath.IsTouched || context.Statement.IsAbridged
            || effect.Cause is not (TableAction or ObjectAction or Command.CreateTable or Command.CreateIndex or Command.CreateObject or Command.Drop))
            return null;
        var touched = context.History.Touched;
        if (touched.IsUncertain)
            return null;
        var named = (TouchedObjects.Of(effect) ?? []).Append((effect.Object.Name, effect.Object.Part)).Concat(Referenced(effect).Select(r => (r, (string?)null))).ToList();
        if (named.Exists(n => touched.Has(n.Item1, n.Item2)))
            return null;
        if (effect.Command is Command.AlterTable { Actions: { Count: > 1 } actions } alter
            && (actions.Count > MostActions || actions.Any(a => !ReferenceEquals(a, effect.Cause) && Others(alter, a, named, touched))))
            return null;
        return new LiveEffect(effect, context.Statement) { IsCatalogCertain = !context.History.HasDroppedObjects && !touched.HasRenamed, IsRowsCertain = context.Proves(effect.Table) && !context.History.HasChangedRows };
    }

    private static bool Others(Command.AlterTable alter, TableAction other, List<(RelationName Name, string? Part)> named, TouchedObjects touched)
    {
        var effect = new Effect(EffectKind.Alter, new SqlObject(alter.Kind, alter.Name), other) { Command = alter };
        return named.Exists(n => touched.Touches(effect, n.Name, n.Part));
    }

    /// <summary>The other tables that it names.</summary>
    private static IEnumerable<RelationName> Referenced(Effect effect) => effect.Cause switch
    {
        TableAction.AddConstraint add => add.Constraint.Referenced is { } table ? [table] : [],
        TableAction.AddColumn add => add.Column.Constraints.Select(c => c.Referenced).OfType<RelationName>(),
        Command.CreateTable made => made.Constraints.Concat(made.Columns.SelectMany(c => c.Constraints)).Select(c => c.Referenced).Append(made.Parent).OfType<RelationName>(),
        Command.CreateIndex index => [index.Table],
        _ => [],
    };
}
