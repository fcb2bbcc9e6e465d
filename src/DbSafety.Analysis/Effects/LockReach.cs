namespace DbSafety.Analysis.Effects;

/// <summary>Which relations a lock is taken on, seen from the name that a statement gives. All but the first only the catalog knows.</summary>
internal enum LockReach
{
    /// <summary>The one that is named.</summary>
    Itself,

    /// <summary>Its partitions and inheritance children, at any depth.</summary>
    Children,

    /// <summary>The partitioned table that it is a partition of, and that one's default partition.</summary>
    Parent,

    /// <summary>Its default partition.</summary>
    DefaultPartition,

    /// <summary>The table of the index that is named, and that one's partitions.</summary>
    Table,

    /// <summary>Its indexes.</summary>
    Indexes,

    /// <summary>The sequences that belong to its columns.</summary>
    Sequences,

    /// <summary>The tables that its foreign keys point to.</summary>
    Referenced,

    /// <summary>The tables that the foreign keys of its partitions and children point to.</summary>
    ReferencedByChildren,

    /// <summary>The tables whose foreign keys point to it, and whose foreign keys point to those.</summary>
    Referring,

    /// <summary>The tables with a column of the type that is named.</summary>
    Users,

    /// <summary>The tables that are made OF the composite type that is named.</summary>
    Typed,

    /// <summary>The tables that a view reads.</summary>
    Sources,

    /// <summary>What goes along unasked, or loses a part: partitions, owned sequences, and the other ends of its foreign keys.</summary>
    Parts,

    /// <summary>What CASCADE takes along, or takes a part of: views, foreign keys of others, columns, defaults, triggers, partitions of other tables.</summary>
    Dependents,
}
