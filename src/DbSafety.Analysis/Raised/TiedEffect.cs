using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Raised;

/// <summary>The same effect on a table whose rows go with those of the table that the statement names.</summary>
internal static class TiedEffect
{
    /// <summary>It reaches children and partitions, or with CASCADE tables that refer to its table.</summary>
    public static bool Reaches(Effect effect, SqlStatement statement) => effect.Cause switch
    {
        RowChange { Kind: not RowChangeKind.Insert } change => !change.IsOnly && change.From.Length > 0,
        Command.Truncate truncate => !truncate.IsOnly,
        Command.Drop { Kind: ObjectKind.Table } => true,
        TableAction.DropColumn or TableAction.ChangeType => effect.Command is Command.AlterTable && !statement.Contains("only"),
        _ => false,
    };

    public static Effect Of(Effect effect, RelationName table)
    {
        SqlNode cause = effect.Cause switch
        {
            RowChange change => change with { Table = table, From = $"{table.Sql} AS {SqlName.Quote(change.Alias)}" },
            Command.Truncate truncate => truncate with { Tables = [table] },
            Command.Drop drop => drop with { Names = [table] },
            var action => action,
        };
        return effect with { Object = effect.Object with { Name = table }, Cause = cause, Command = effect.Command is Command.AlterTable alter ? alter with { Name = table } : cause as Command ?? effect.Command };
    }
}
