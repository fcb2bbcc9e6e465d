namespace DbSafety.Analysis.Commands;

/// <summary>How a generated column gets its values.</summary>
internal enum ColumnGeneration
{
    /// <summary>It is none.</summary>
    None,

    /// <summary>Stored in the row.</summary>
    Stored,

    /// <summary>Computed when read (from PostgreSQL 18 on, and there the default).</summary>
    Virtual,
}

/// <summary>A column as CREATE TABLE and ADD COLUMN define it.</summary>
/// <param name="Type">As it is written; empty if the column has none (a partition's, or CREATE TABLE AS).</param>
internal sealed record ColumnDefinition(string Name, string Type)
{
    public bool IsNotNull { get; init; }

    public bool IsIdentity { get; init; }

    public ColumnGeneration Generation { get; init; }

    /// <summary>The default's expression as written; null if there is none, and where it is NULL.</summary>
    public string? Default { get; init; }

    /// <summary>The expression of a generated column as written.</summary>
    public string? Generated { get; init; }

    /// <summary>DEFAULT stands there, were it DEFAULT NULL.</summary>
    public bool SaysDefault { get; init; }

    /// <summary>A function in the default that gives each row a value of its own, or may do so; null if there is none.</summary>
    public string? VolatileFunction { get; init; }

    /// <summary>UNIQUE, PRIMARY KEY, CHECK and REFERENCES as written at the column.</summary>
    public IReadOnlyList<ConstraintDefinition> Constraints { get; init; } = [];

    /// <summary>serial and its like: an integer with a sequence as its default.</summary>
    public bool IsSerial => Type.ToLowerInvariant() is "serial" or "bigserial" or "smallserial" or "serial2" or "serial4" or "serial8";

    public bool IsPrimaryKey => Constraints.Any(c => c.Kind == ConstraintKind.PrimaryKey);

    /// <summary>Whether the rows that are there get a value without being told one.</summary>
    public bool FillsItself => Default is not null || IsIdentity || Generation != ColumnGeneration.None || IsSerial;
}
