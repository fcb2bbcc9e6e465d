using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands;

/// <summary>What a constraint asks of rows.</summary>
internal enum ConstraintKind
{
    Check,
    Exclude,
    ForeignKey,
    NotNull,
    PrimaryKey,
    Unique,
}

/// <summary>A constraint, of a table, a column or a domain.</summary>
/// <param name="Name">Null: PostgreSQL makes one up.</param>
/// <param name="Text">As written, without CONSTRAINT name and without NOT VALID.</param>
internal sealed record ConstraintDefinition(ConstraintKind Kind, string? Name, string Text)
{
    /// <summary>The columns it is on, where it lists any.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>A check's condition as written, without its parentheses.</summary>
    public string? Expression { get; init; }

    public RelationName? Referenced { get; init; }

    /// <summary>Empty: the primary key of <see cref="Referenced"/>.</summary>
    public IReadOnlyList<string> ReferencedColumns { get; init; } = [];

    /// <summary>What ON DELETE says, as pg_constraint.confdeltype calls it.</summary>
    public char OnDelete { get; init; } = 'a';

    /// <summary>What ON UPDATE says, as pg_constraint.confupdtype calls it.</summary>
    public char OnUpdate { get; init; } = 'a';

    /// <summary>The columns that ON DELETE SET NULL or SET DEFAULT lists; empty: all.</summary>
    public IReadOnlyList<string> SetColumns { get; init; } = [];

    /// <summary>The rows that are there are not looked at (NOT VALID, NOT ENFORCED).</summary>
    public bool IsNotValid { get; init; }

    /// <summary>DEFERRABLE, INITIALLY DEFERRED, NO INHERIT and the like, as written; empty if nothing of that stands there.</summary>
    public string Attributes { get; init; } = "";

    /// <summary>INCLUDE of a unique key, as written; empty if there is none.</summary>
    public string Include { get; init; } = "";

    /// <summary>WITH and TABLESPACE of its index, as CREATE INDEX writes them; empty if nothing of that stands there.</summary>
    public string Storage { get; init; } = "";

    /// <summary>The index it takes over (ADD CONSTRAINT … USING INDEX).</summary>
    public string? UsingIndex { get; init; }

    public bool NullsNotDistinct { get; init; }

    /// <summary>How an unnamed one is called in findings.</summary>
    public string Word => Kind switch
    {
        ConstraintKind.Check => "check",
        ConstraintKind.Exclude => "exclude",
        ConstraintKind.ForeignKey => "foreign",
        ConstraintKind.NotNull => "not",
        ConstraintKind.PrimaryKey => "primary",
        _ => "unique",
    };
}
