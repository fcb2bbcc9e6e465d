using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands;

/// <summary>One action of ALTER TABLE and its like (https://www.postgresql.org/docs/current/sql-altertable.html).</summary>
internal abstract record TableAction : SqlNode
{
    /// <summary>ADD [COLUMN].</summary>
    internal sealed record AddColumn(ColumnDefinition Column, bool IfNotExists) : TableAction;

    /// <summary>DROP [COLUMN].</summary>
    internal sealed record DropColumn(string Column, bool IfExists, bool Cascades) : TableAction;

    /// <summary>ALTER [COLUMN] … [SET DATA] TYPE.</summary>
    /// <param name="Type">As it is written.</param>
    internal sealed record ChangeType(string Column, string Type, string? Using) : TableAction
    {
        /// <summary>COLLATE is specified: the indexes of the column are rebuilt.</summary>
        public bool Collates { get; init; }
    }

    /// <summary>ALTER [COLUMN] … SET DEFAULT.</summary>
    internal sealed record SetDefault(string Column, string Expression) : TableAction;

    /// <summary>ALTER [COLUMN] … DROP DEFAULT, DROP IDENTITY or DROP EXPRESSION.</summary>
    internal sealed record DropDefault(string Column, string What) : TableAction;

    /// <summary>ALTER [COLUMN] … SET NOT NULL.</summary>
    internal sealed record SetNotNull(string Column) : TableAction;

    /// <summary>ALTER [COLUMN] … DROP NOT NULL.</summary>
    internal sealed record DropNotNull(string Column) : TableAction;

    /// <summary>ALTER [COLUMN] … SET EXPRESSION (from PostgreSQL 17 on).</summary>
    internal sealed record SetExpression(string Column) : TableAction;

    /// <summary>ADD a constraint.</summary>
    internal sealed record AddConstraint(ConstraintDefinition Constraint) : TableAction;

    /// <summary>VALIDATE CONSTRAINT.</summary>
    internal sealed record ValidateConstraint(string Name) : TableAction;

    /// <summary>DROP CONSTRAINT.</summary>
    internal sealed record DropConstraint(string Name, bool IfExists, bool Cascades) : TableAction;

    /// <summary>RENAME TO.</summary>
    internal sealed record RenameTo(string Name) : TableAction;

    /// <summary>RENAME [COLUMN].</summary>
    internal sealed record RenameColumn(string Column, string Name) : TableAction;

    /// <summary>RENAME CONSTRAINT.</summary>
    internal sealed record RenameConstraint(string Constraint, string Name) : TableAction;

    /// <summary>SET SCHEMA.</summary>
    internal sealed record SetSchema(string Schema) : TableAction;

    /// <summary>ENABLE or DISABLE [ALWAYS|REPLICA] TRIGGER or RULE.</summary>
    internal sealed record SwitchTrigger(string Trigger, bool IsEnabled, bool IsRule) : TableAction
    {
        /// <summary>As pg_trigger.tgenabled calls it: O, D, R or A.</summary>
        public char Mode { get; init; } = IsEnabled ? 'O' : 'D';
    }

    /// <summary>ENABLE, DISABLE, FORCE or NO FORCE ROW LEVEL SECURITY.</summary>
    internal sealed record SwitchRowSecurity(bool IsEnabled) : TableAction;

    /// <summary>ATTACH PARTITION, to a table or an index.</summary>
    internal sealed record AttachPartition(RelationName Partition) : TableAction
    {
        /// <summary>FOR VALUES … or DEFAULT, as written; empty for an index.</summary>
        public string Bounds { get; init; } = "";
    }

    /// <summary>DETACH PARTITION.</summary>
    internal sealed record DetachPartition(RelationName Partition, bool IsConcurrent, bool IsFinalize) : TableAction;

    /// <summary>Actions that rewrite the table: SET LOGGED, UNLOGGED, TABLESPACE, ACCESS METHOD.</summary>
    internal sealed record Rewrite(string Words) : TableAction;

    /// <summary>ALTER SEQUENCE … RESTART, or of an identity column's sequence.</summary>
    internal sealed record Restart(string? Column = null) : TableAction;

    /// <summary>INHERIT and NO INHERIT.</summary>
    internal sealed record Inherit(RelationName Parent, bool Ends) : TableAction;

    /// <summary>SET or RESET of storage parameters, or of a view's or an index's.</summary>
    internal sealed record SetOptions(IReadOnlyList<string> Names) : TableAction;

    /// <summary>A matter of the catalog alone: owner, statistics, storage options and so on.</summary>
    internal sealed record Other(string Words) : TableAction
    {
        /// <summary>The column of ADD GENERATED … AS IDENTITY; null for everything else.</summary>
        public string? Identity { get; init; }
    }

    /// <summary>Not understood.</summary>
    internal sealed record Unknown(string Text) : TableAction;
}
