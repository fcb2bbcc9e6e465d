using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Effects;

/// <summary>What happens to an object.</summary>
internal enum EffectKind
{
    Make,
    Drop,
    Rename,
    Alter,

    /// <summary>Rows are added, overwritten or deleted.</summary>
    Rows,

    /// <summary>It is rewritten, rebuilt, checked again or locked; its contents stay the same.</summary>
    Maintain,

    /// <summary>Code is run whose effects do not stand there.</summary>
    Run,

    /// <summary>Nothing outside the session, or not understood.</summary>
    None,
}

/// <summary>One thing that a statement does to one object.</summary>
/// <param name="Cause">The command, the action of an ALTER, or the change of rows that does it.</param>
internal sealed record Effect(EffectKind Kind, SqlObject Object, SqlNode Cause)
{
    /// <summary>The command that <see cref="Cause"/> is or belongs to.</summary>
    public required Command Command { get; init; }

    /// <summary>Read when they are asked for: few rules do.</summary>
    public IReadOnlyList<TableLock> Locks => field ??= StatementLocks.Of(this);

    /// <summary>The table it is about, or is part of.</summary>
    public RelationName Table => Object.Name;

    /// <summary>ALTER EXTENSION … UPDATE.</summary>
    public bool UpdatesExtension => this is { Object.Kind: ObjectKind.Extension, Cause: ObjectAction.Other { Words: "update" } };
}
