using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands;

/// <summary>A statement as it was understood.</summary>
internal abstract record Command : SqlNode
{
    /// <summary>What it changes in the rows of tables, in its WITH and its subqueries too.</summary>
    public IReadOnlyList<RowChange> Changes { get; init; } = [];

    /// <summary>It refuses to run in a transaction (https://www.postgresql.org/docs/current/sql-createindex.html and others).</summary>
    public bool NeedsNoTransaction { get; init; }

    /// <summary>CREATE [FOREIGN] TABLE, also AS a query; and SELECT … INTO.</summary>
    internal sealed record CreateTable(ObjectKind Kind, RelationName Name) : Command
    {
        public bool IfNotExists { get; init; }

        /// <summary>Its name hides a table of the same name for as long as its session, or transaction, goes on.</summary>
        public bool IsTemporary { get; init; }

        public IReadOnlyList<ColumnDefinition> Columns { get; init; } = [];

        public IReadOnlyList<ConstraintDefinition> Constraints { get; init; } = [];

        /// <summary>The table it is a partition of.</summary>
        public RelationName? Parent { get; init; }

        /// <summary>What a partition holds, as written; null if it has columns or partitions of its own.</summary>
        public string? Bounds { get; init; }

        /// <summary>The tables it inherits from.</summary>
        public IReadOnlyList<RelationName> Inherits { get; init; } = [];
    }

    /// <summary>CREATE [UNIQUE] INDEX.</summary>
    internal sealed record CreateIndex(string? Name, RelationName Table) : Command
    {
        public bool IsUnique { get; init; }

        public bool IsConcurrent { get; init; }

        public bool IfNotExists { get; init; }

        /// <summary>What follows CREATE [UNIQUE] INDEX CONCURRENTLY [IF NOT EXISTS] name, from ON on.</summary>
        public required string Definition { get; init; }

        /// <summary>What follows the table's name.</summary>
        public required string Rest { get; init; }

        /// <summary>ON ONLY: of a partitioned table, no partition gets one.</summary>
        public bool IsOnly { get; init; }

        /// <summary>Its columns and expressions without collations, operator classes and order; null if these cannot identify one.</summary>
        public IReadOnlyList<string>? Keys { get; init; }

        /// <summary>Its condition; null if it has none.</summary>
        public string? Where { get; init; }

        public bool NullsNotDistinct { get; init; }
    }

    /// <summary>CREATE of everything else.</summary>
    internal sealed record CreateObject(ObjectKind Kind, RelationName Name) : Command
    {
        public bool Replaces { get; init; }

        public bool IfNotExists { get; init; }

        /// <summary>The table of a trigger, rule or policy.</summary>
        public RelationName? On { get; init; }

        /// <summary>What CREATE SCHEMA makes in it.</summary>
        public IReadOnlyList<Command> Elements { get; init; } = [];

        /// <summary>The type that a domain is based on, as written; null if the domain has a collation of its own, and for everything else.</summary>
        public string? Base { get; init; }

        /// <summary>A domain whose values are checked.</summary>
        public bool HasConstraints { get; init; }

        /// <summary>What extended statistics or a publication are about.</summary>
        public IReadOnlyList<RelationName> Tables { get; init; } = [];

        /// <summary>A view that goes with its session.</summary>
        public bool IsTemporary { get; init; }

        /// <summary>Of an enum type; null for other types.</summary>
        public IReadOnlyList<string>? Labels { get; init; }
    }

    /// <summary>DROP of everything.</summary>
    internal sealed record Drop(ObjectKind Kind, IReadOnlyList<RelationName> Names) : Command
    {
        public bool IfExists { get; init; }

        public bool Cascades { get; init; }

        public bool IsConcurrent { get; init; }

        /// <summary>The table of a trigger, rule or policy.</summary>
        public RelationName? On { get; init; }
    }

    /// <summary>DROP OWNED BY.</summary>
    internal sealed record DropOwned(IReadOnlyList<string> Roles) : Command;

    /// <summary>ALTER TABLE, INDEX, VIEW, SEQUENCE and their like, which share their actions.</summary>
    internal sealed record AlterTable(ObjectKind Kind, RelationName Name, IReadOnlyList<TableAction> Actions) : Command
    {
        public bool IfExists { get; init; }
    }

    /// <summary>ALTER of everything else.</summary>
    internal sealed record AlterObject(ObjectKind Kind, RelationName Name, IReadOnlyList<ObjectAction> Actions) : Command
    {
        /// <summary>What a publication is given, or loses.</summary>
        public IReadOnlyList<RelationName> Tables { get; init; } = [];

        /// <summary>The table of a trigger, rule or policy.</summary>
        public RelationName? On { get; init; }
    }

    /// <summary>TRUNCATE.</summary>
    internal sealed record Truncate(IReadOnlyList<RelationName> Tables) : Command
    {
        public bool Cascades { get; init; }

        /// <summary>RESTART IDENTITY: the sequences of their columns restart.</summary>
        public bool Restarts { get; init; }

        /// <summary>ONLY, of the one table that it names: what inherits from it stays.</summary>
        public bool IsOnly { get; init; }
    }

    /// <summary>SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES, TABLE, with or without WITH; also under EXPLAIN, PREPARE and DECLARE.</summary>
    internal sealed record Query : Command;

    /// <summary>COPY of a table; <see cref="IsInput"/> from a file, a program or the client.</summary>
    internal sealed record Copy(RelationName Table, bool IsInput) : Command;

    /// <summary>REINDEX of an index, table, schema, database or the system; no name means the one connected to.</summary>
    internal sealed record Reindex(ObjectKind Kind, RelationName? Name, bool IsConcurrent) : Command
    {
        /// <summary>The tablespace that the indexes move to; null: they stay where they are.</summary>
        public string? Tablespace { get; init; }
    }

    /// <summary>VACUUM; no tables means all.</summary>
    internal sealed record Vacuum(IReadOnlyList<RelationName> Tables, bool IsFull) : Command;

    /// <summary>ANALYZE; no tables means all.</summary>
    internal sealed record Analyze(IReadOnlyList<RelationName> Tables) : Command;

    /// <summary>CLUSTER; no table means all that were clustered before.</summary>
    internal sealed record Cluster(RelationName? Table) : Command;

    /// <summary>REFRESH MATERIALIZED VIEW.</summary>
    internal sealed record Refresh(RelationName View, bool IsConcurrent) : Command;

    /// <summary>LOCK TABLE.</summary>
    internal sealed record LockTables(IReadOnlyList<RelationName> Tables, LockMode Mode) : Command;

    /// <summary>SET and RESET. <paramref name="Values"/> is empty for DEFAULT and RESET.</summary>
    internal sealed record Setting(string Name, IReadOnlyList<string> Values) : Command
    {
        /// <summary>SET LOCAL: until the transaction ends.</summary>
        public bool IsLocal { get; init; }
    }

    /// <summary>BEGIN, COMMIT and their like, by the word they begin with.</summary>
    internal sealed record Transaction(string Word) : Command
    {
        public bool Begins => Word is "begin" or "start";

        public bool Ends => Word is "commit" or "end" or "rollback" or "abort";
    }

    /// <summary>COMMENT ON and SECURITY LABEL ON.</summary>
    internal sealed record Describe(ObjectKind Kind, RelationName Name) : Command
    {
        /// <summary>The table of a column.</summary>
        public RelationName? Table { get; init; }
    }

    /// <summary>GRANT and REVOKE.</summary>
    internal sealed record Privileges(bool IsRevoke, ObjectKind Kind, IReadOnlyList<RelationName> Names) : Command;

    /// <summary>DO: its body is read apart (<see cref="RoutineBody"/>).</summary>
    internal sealed record DoBlock : Command;

    /// <summary>CALL of a procedure.</summary>
    internal sealed record Call(RelationName Procedure) : Command;

    /// <summary>EXECUTE: of a prepared statement, or in PL/pgSQL of text that is made at run time.</summary>
    /// <param name="IsUnreadBecause">Why text that stands there is not looked into; null if it is not there to be read.</param>
    internal sealed record ExecuteText(string? IsUnreadBecause = null) : Command;

    /// <summary>Something that is known and changes neither rows nor definitions, such as LISTEN or SHOW.</summary>
    internal sealed record Utility(string Word) : Command;

    /// <summary>Not understood.</summary>
    internal sealed record Unknown : Command;
}
