namespace DbSafety.Analysis.Commands;

/// <summary>What an ALTER of something other than a table does.</summary>
internal abstract record ObjectAction : SqlNode
{
    /// <summary>RENAME TO.</summary>
    internal sealed record RenameTo(string Name) : ObjectAction;

    /// <summary>SET SCHEMA.</summary>
    internal sealed record SetSchema(string Schema) : ObjectAction;

    /// <summary>ALTER TYPE … ADD VALUE.</summary>
    internal sealed record AddValue(string Label) : ObjectAction;

    /// <summary>ALTER TYPE … RENAME VALUE.</summary>
    internal sealed record RenameValue(string Label, string NewLabel) : ObjectAction;

    /// <summary>ALTER TYPE … DROP ATTRIBUTE.</summary>
    internal sealed record DropAttribute(string Name) : ObjectAction;

    /// <summary>ALTER TYPE … RENAME ATTRIBUTE.</summary>
    internal sealed record RenameAttribute(string Name, string NewName) : ObjectAction;

    /// <summary>ALTER TYPE … ALTER ATTRIBUTE … TYPE.</summary>
    internal sealed record AlterAttribute(string Name, string Type) : ObjectAction
    {
        /// <summary>Tables OF the type change too; without it the server refuses while there are some.</summary>
        public bool Cascades { get; init; }
    }

    /// <summary>ALTER DOMAIN … ADD CONSTRAINT.</summary>
    internal sealed record AddConstraint(ConstraintDefinition Constraint) : ObjectAction;

    /// <summary>ALTER DOMAIN … DROP CONSTRAINT.</summary>
    internal sealed record DropConstraint(string Name) : ObjectAction;

    /// <summary>ALTER DOMAIN … VALIDATE CONSTRAINT.</summary>
    internal sealed record ValidateConstraint(string Name) : ObjectAction;

    /// <summary>ALTER DOMAIN … SET NOT NULL.</summary>
    internal sealed record SetNotNull : ObjectAction;

    /// <summary>ALTER DOMAIN … DROP NOT NULL.</summary>
    internal sealed record DropNotNull : ObjectAction;

    /// <summary>ALTER DOMAIN … DROP DEFAULT.</summary>
    internal sealed record DropDefault : ObjectAction;

    /// <summary>Everything else: owner, options, members and so on.</summary>
    internal sealed record Other(string Words) : ObjectAction;
}
