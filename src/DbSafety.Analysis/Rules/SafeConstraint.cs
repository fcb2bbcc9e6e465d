using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>The SQL that adds a constraint without blocking other sessions, and the queries whether existing rows satisfy it.</summary>
internal static class SafeConstraint
{
    /// <summary>NOT VALID first, which looks at new rows alone; VALIDATE then reads the table beside its users, once the first lock is released.</summary>
    public static string InTwoSteps(ConstraintDefinition constraint, RelationName table, StatementContext context) =>
        $"{NotValid(constraint, table, context)}\nCOMMIT;\nALTER TABLE {context.Display(table)} VALIDATE CONSTRAINT {SqlName.Display(Name(constraint, table))};";

    /// <summary>The rows that are there are left alone.</summary>
    public static string NotValid(ConstraintDefinition constraint, RelationName table, StatementContext context) =>
        $"ALTER TABLE {context.Display(table)} ADD CONSTRAINT {SqlName.Display(Name(constraint, table))} {ForTable(constraint)}{After(constraint.Attributes)} NOT VALID;";

    /// <summary>With NOT VALID a domain's check looks at new values alone.</summary>
    public static string OfDomain(ConstraintDefinition constraint, RelationName domain, StatementContext context) =>
        $"ALTER DOMAIN {context.Display(domain)} ADD {(constraint.Name is null ? "" : $"CONSTRAINT {SqlName.Display(constraint.Name)} ")}{constraint.Text} NOT VALID;";

    /// <summary>If a validated check proves that there are no NULLs, SET NOT NULL does not scan the table (PostgreSQL 12 and later).</summary>
    public static string NotNullByCheck(RelationName table, string column, StatementContext context)
    {
        var (quoted, check) = (SqlName.Display(column), SqlName.Display(SqlName.WithSuffix($"{table.Name}_{column}", "_not_null")));
        var alter = $"ALTER TABLE {context.Display(table)}";
        return $"{alter} ADD CONSTRAINT {check} CHECK ({quoted} IS NOT NULL) NOT VALID;\nCOMMIT;\n{alter} VALIDATE CONSTRAINT {check};\n{alter} ALTER COLUMN {quoted} SET NOT NULL;\n{alter} DROP CONSTRAINT {check};";
    }

    /// <summary>Builds the index CONCURRENTLY first, then adds the constraint USING INDEX. Null for exclusion constraints.</summary>
    public static string? ByIndex(ConstraintDefinition constraint, RelationName table, StatementContext context)
    {
        if (constraint.Kind == ConstraintKind.Exclude || constraint.Columns.Count == 0)
            return null;
        var name = SqlName.Display(Name(constraint, table));
        var columns = string.Join(", ", constraint.Columns.Select(SqlName.Display));
        var kind = constraint.Kind == ConstraintKind.PrimaryKey ? "PRIMARY KEY" : "UNIQUE";
        return $"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {context.Display(table)} ({columns}){After(constraint.Include)}{(constraint.NullsNotDistinct ? " NULLS NOT DISTINCT" : "")}{After(constraint.Storage)};\n"
            + $"ALTER TABLE {context.Display(table)} ADD CONSTRAINT {name} {kind} USING INDEX {name}{After(constraint.Attributes)};";
    }

    private static string After(string words) => words.Length == 0 ? "" : " " + words;

    /// <summary>How many rows have a key that another row has too.</summary>
    /// <param name="keys">Columns or expressions as SQL.</param>
    public static string Duplicates(string table, IReadOnlyList<string> keys, string? where, bool nullsCount)
    {
        var conditions = nullsCount ? [] : keys.Select(k => $"({k}) IS NOT NULL").ToList();
        if (where is not null)
            conditions.Add($"({where})");
        var filter = conditions.Count == 0 ? "" : " WHERE " + string.Join(" AND ", conditions);
        return $"SELECT coalesce(sum(n), 0)::bigint FROM (SELECT count(*) AS n FROM {table}{filter} GROUP BY {string.Join(", ", keys)} HAVING count(*) > 1) AS d";
    }

    public static LiveQuestion? DuplicatesOf(ConstraintDefinition constraint, RelationName table, StatementContext context)
    {
        if (constraint.Columns.Count == 0 || constraint.Columns.Any(c => context.History.IsAdded(table, c)))
            return null;
        var live = context.History.Live(table);
        var keys = constraint.Columns.Select(c => SqlName.Quote(context.History.LiveColumn(table, c))).ToList();
        return new LiveQuestion(LiveFactKind.Duplicates, live) { Condition = Duplicates(live.Sql, keys, null, constraint.NullsNotDistinct), Proves = context.Proves(table), Key = KeyOf([.. constraint.Columns.Select(c => context.History.LiveColumn(table, c))], constraint.Kind == ConstraintKind.PrimaryKey, table, context) };
    }

    /// <summary>Null if earlier statements, or the same one, may have dropped a key that is in conflict.</summary>
    public static LiveKey? KeyOf(IReadOnlyList<string> columns, bool isPrimary, RelationName table, StatementContext context)
    {
        var (gone, live) = (context.History.Gone, context.History.Live(table));
        var mayBeDropped = gone.IsUncertain || context.Statement.Contains("drop") || gone.All.Any(g => g.Name == live);
        return context.InBody || (isPrimary && mayBeDropped) ? null : new LiveKey(columns, isPrimary);
    }

    /// <summary>How many rows cannot have that primary key: another row has the same, or a part of it is null.</summary>
    public static LiveQuestion? ViolationsOf(ConstraintDefinition primaryKey, RelationName table, StatementContext context)
    {
        if (DuplicatesOf(primaryKey, table, context) is not { } duplicates)
            return null;
        var nulls = string.Join(" OR ", primaryKey.Columns.Select(c => $"{SqlName.Quote(context.History.LiveColumn(table, c))} IS NULL"));
        return duplicates with { Kind = LiveFactKind.Violations, Condition = $"SELECT ({duplicates.Condition}) + (SELECT count(*) FROM {context.History.Live(table).Sql} WHERE {nulls})" };
    }

    /// <summary>How many rows reference no row of the table that a foreign key references; null if one of the tables is new.</summary>
    public static LiveQuestion? OrphansOf(ConstraintDefinition constraint, RelationName table, StatementContext context)
    {
        if (constraint.Referenced is not { } referenced || constraint.Columns.Any(c => context.History.IsAdded(table, c)) || context.History.IsCreated(referenced))
            return null;
        return new LiveQuestion(LiveFactKind.Orphans, context.History.Live(table))
        {
            ForeignKey = new LiveForeignKey([.. constraint.Columns.Select(c => context.History.LiveColumn(table, c))], context.History.Live(referenced), constraint.ReferencedColumns),
            Proves = context.Proves(table) && context.Proves(referenced),
        };
    }

    /// <summary>How many rows violate that check.</summary>
    public static LiveQuestion ViolationsOf(string condition, RelationName table, StatementContext context)
    {
        var live = context.History.Live(table);
        return new LiveQuestion(LiveFactKind.Violations, live) { Condition = $"SELECT count(*) FROM {live.Sql} WHERE NOT ({condition})", Proves = context.Proves(table) };
    }

    /// <summary>As a table's constraint, though it may stand at a column.</summary>
    private static string ForTable(ConstraintDefinition constraint) =>
        constraint.Kind == ConstraintKind.ForeignKey && !constraint.Text.StartsWith("foreign", StringComparison.OrdinalIgnoreCase)
            ? $"FOREIGN KEY ({string.Join(", ", constraint.Columns.Select(SqlName.Display))}) {constraint.Text}"
            : constraint.Text;

    /// <summary>Its own, or one like PostgreSQL would make up.</summary>
    private static string Name(ConstraintDefinition constraint, RelationName table) => constraint.Name ?? constraint.Kind switch
    {
        ConstraintKind.PrimaryKey => SqlName.WithSuffix(table.Name, "_pkey"),
        ConstraintKind.ForeignKey => SqlName.WithSuffix(string.Join('_', constraint.Columns.Prepend(table.Name)), "_fkey"),
        ConstraintKind.Check => SqlName.WithSuffix(string.Join('_', constraint.Columns.Prepend(table.Name)), "_check"),
        ConstraintKind.NotNull => SqlName.WithSuffix(string.Join('_', constraint.Columns.Prepend(table.Name)), "_not_null"),
        _ => SqlName.WithSuffix(string.Join('_', constraint.Columns.Prepend(table.Name)), "_key"),
    };
}
