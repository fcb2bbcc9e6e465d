using DbSafety.Analysis.Commands;

namespace DbSafety.Analysis.Findings.History;

/// <summary>
/// The columns of one ALTER TABLE that may be one: the first that goes and the first that comes, and so on, where as many come as go. Its actions are read once, however many there are.
/// </summary>
internal sealed class ColumnPairs
{
    private readonly Dictionary<TableAction, int> places = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<TableAction, (string Dropped, string Added)> pairs = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, int> firstDrops = new(StringComparer.Ordinal);

    /// <param name="isAdded">The set created the column, so that nothing is lost with it.</param>
    public ColumnPairs(Command.AlterTable alter, Func<string, bool> isAdded)
    {
        Alter = alter;
        var (drops, adds) = (new List<TableAction.DropColumn>(), new List<TableAction.AddColumn>());
        foreach (var action in alter.Actions)
        {
            places[action] = places.Count;
            if (action is TableAction.AddColumn add)
                adds.Add(add);
            if (action is not TableAction.DropColumn drop)
                continue;
            firstDrops.TryAdd(drop.Column, places[action]);
            if (!isAdded(drop.Column))
                drops.Add(drop);
        }

        HasBoth = drops.Count > 0 && adds.Count > 0;
        for (var i = 0; i < drops.Count && drops.Count == adds.Count; i++)
            pairs[places[drops[i]] > places[adds[i]] ? drops[i] : adds[i]] = (drops[i].Column, adds[i].Column.Name);
    }

    public Command.AlterTable Alter { get; }

    /// <summary>Columns go and columns come.</summary>
    public bool HasBoth { get; }

    /// <summary>Told at the later of the two; null at the other, and for columns without a partner.</summary>
    public (string Dropped, string Added)? At(TableAction action) => pairs.TryGetValue(action, out var pair) ? pair : null;

    /// <summary>An action before that one drops the column.</summary>
    public bool IsDroppedBefore(TableAction action, string column) => firstDrops.TryGetValue(column, out var drop) && places.TryGetValue(action, out var place) && drop < place;
}
