using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Commands.Parsing;
using DbSafety.Analysis.Commands.Parsing.Values;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>What every row holds in a column.</summary>
internal enum ColumnContent
{
    /// <summary>It may be anything.</summary>
    Unknown,

    /// <summary>NULL: the column is new and has no default.</summary>
    Null,

    /// <summary>One value, which is not NULL: the column is new and has a default that is the same for all rows.</summary>
    Same,

    /// <summary>A value that is not NULL: all rows were filled under a lock that keeps other writers out.</summary>
    Filled,
}

/// <summary>
/// What every row holds in the columns that the open transaction has added or filled. The transaction keeps a lock on their tables, so that no other
/// session writes to them; what its own statements write is followed.
/// </summary>
internal sealed class NewColumns
{
    private const int Most = 1600;

    private readonly Dictionary<(RelationName Table, string Column), ColumnContent> contents = [];
    private (Command.AlterTable? Command, Dictionary<string, TableAction.AddColumn> Columns) added = (null, []);

    public void Clear() => contents.Clear();

    /// <summary>Of the column when the constraint that the effect adds is checked; its own statement may add the column too.</summary>
    public static ColumnContent Of(Effect effect, string column, StatementContext context)
    {
        if (context.InBody)
            return ColumnContent.Unknown;
        return effect.Command is Command.AlterTable alter && context.Script.Columns.Added(alter).TryGetValue(column, out var add) ? Of(add) : context.Script.Columns.contents.GetValueOrDefault((Table: effect.Table, column));
    }

    /// <summary>The columns that the statement adds, looked up once for all of its actions.</summary>
    private Dictionary<string, TableAction.AddColumn> Added(Command.AlterTable alter)
    {
        if (!ReferenceEquals(added.Command, alter))
            added = (alter, alter.Actions.OfType<TableAction.AddColumn>().GroupBy(a => a.Column.Name).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal));
        return added.Columns;
    }

    /// <param name="held">The locks that the transaction has acquired before the statement.</param>
    /// <param name="isOnly">The statement leaves out the children of its table.</param>
    public void Apply(Effect effect, HeldLocks held, bool isOnly)
    {
        switch (effect.Cause)
        {
            case TableAction.AddColumn add when Of(add) is not ColumnContent.Unknown and var content && contents.Count < Most:
                contents[(effect.Table, add.Column.Name)] = content;
                break;
            case TableAction.AddColumn { Column.Name: var name }:
                contents.Remove((effect.Table, name));
                break;
            case TableAction.DropColumn drop:
                contents.Remove((effect.Table, drop.Column));
                break;
            case TableAction.ChangeType change:
                contents.Remove((effect.Table, change.Column));
                break;
            case TableAction.RenameTo or TableAction.RenameColumn or TableAction.SetSchema or TableAction.AttachPartition or TableAction.Inherit:
                Clear();
                break;
            case RowChange { Kind: RowChangeKind.Update } change:
                foreach (var column in change.Columns)
                    Update(change, column, held.Has(change.Table) && !isOnly);
                break;
            case RowChange { Kind: RowChangeKind.Insert } insert:
                foreach (var key in contents.Keys.Where(k => k.Table == insert.Table).ToList())
                    contents.Remove(key);
                break;
            case TableAction or RowChange or ObjectAction or Command.CreateIndex or Command.CreateTable or Command.Describe or Command.Setting or Command.Privileges:
                break;
            // What else is called can write anywhere.
            default:
                Clear();
                break;
        }
    }

    private void Update(RowChange change, string column, bool isHeld)
    {
        var key = (change.Table, column);
        var fills = isHeld && change.Behind is null && change.NeverNull.Contains(column) && (change.IsAllRows || IsWhereNull(change, column));
        if (fills && contents.Count < Most)
            contents[key] = ColumnContent.Filled;
        else
            contents.Remove(key);
    }

    /// <summary><c>WHERE column IS NULL</c>, and nothing else.</summary>
    private static bool IsWhereNull(RowChange change, string column)
    {
        if (change.Joins || change.With is not null || change.Where is not { } where || SqlSplitter.Split(where) is not [var only])
            return false;
        var cursor = new TokenCursor(only.Tokens);
        return cursor.Take("where") && cursor.TakeRelation(null)?.Name == column && cursor.Take("is", "null") && cursor.AtEnd;
    }

    /// <summary>A domain can have a default of its own.</summary>
    private static ColumnContent Of(TableAction.AddColumn add) => add switch
    {
        { IfNotExists: true } => ColumnContent.Unknown,
        { Column: { FillsItself: false } column } when !TypeConversion.IsUserDefined(column.Type) => ColumnContent.Null,
        { Column: { Default: { } value, VolatileFunction: null, IsIdentity: false, Generation: ColumnGeneration.None } } when IsNeverNull(value) => ColumnContent.Same,
        _ => ColumnContent.Unknown,
    };

    private static bool IsNeverNull(string value) =>
        SqlSplitter.Split(value) is [var only] && NullnessReader.Of(new TokenCursor(only.Tokens), 0, only.Tokens.Count) == Nullness.Never;
}
