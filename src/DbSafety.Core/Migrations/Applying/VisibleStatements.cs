using DbSafety.Analysis;
using DbSafety.Analysis.Commands;

namespace DbSafety.Migrations.Applying;

/// <summary>What scripts change in plain sight, by the names that stand in their statements: the safety check has judged it. All else that happens is hidden.</summary>
internal sealed class VisibleStatements
{
    private readonly List<HashSet<string>> updates = [], inserts = [], types = [];
    private readonly bool mayCall;

    public static VisibleStatements None { get; } = new([]);

    public VisibleStatements(IEnumerable<SqlStatement> statements)
    {
        foreach (var statement in statements)
        {
            Add(statement);
            mayCall |= ScriptPlan.MayCommit(statement) || statement.StartsWith("select") || statement.StartsWith("with");
            foreach (var inner in RoutineBody.Statements(statement, CommandParser.Parse(statement, null)))
                Add(inner);
        }
    }

    /// <summary>A statement names the table that it updates.</summary>
    public bool Updates(string table) => updates.Exists(u => u.Contains(table));

    /// <summary>A statement that updates the table names the column.</summary>
    public bool Updates(string table, string column) => updates.Exists(u => u.Contains(table) && u.Contains(column)) || ChangesType(table, column);

    /// <summary>A statement inserts into the table, and none calls anything.</summary>
    public bool OnlyInsertsInto(string table) => !mayCall && inserts.Exists(i => i.Contains(table));

    /// <summary>A statement gives the column another type.</summary>
    /// <param name="table">Null: the table that it is inherited from is not known.</param>
    public bool ChangesType(string? table, string column) => types.Exists(t => (table is null || t.Contains(table)) && t.Contains(column));

    private void Add(SqlStatement statement)
    {
        if (statement.Contains("update") || statement.StartsWith("merge"))
            updates.Add(Names(statement));
        if (statement.StartsWith("insert") || statement.StartsWith("copy"))
            inserts.Add(Names(statement));
        if (statement.Contains("alter") && (statement.Contains("type") || statement.Contains("attribute")))
            types.Add(Names(statement));
    }

    private static HashSet<string> Names(SqlStatement statement) => statement.Tokens.Where(t => t.IsName).Select(t => t.Value).ToHashSet(StringComparer.Ordinal);
}
