using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>The context of an effect for a rule: the statement, and the effects of earlier statements.</summary>
internal sealed record StatementContext(SqlStatement Statement, SchemaHistory History, ScriptState Script)
{
    private const string OfTemporary = "it is the temporary table that the script has created";

    public required string DefaultSchema { get; init; }

    /// <summary>The server's major version; null without a server.</summary>
    public int? ServerMajor { get; init; }

    /// <summary>The live database is asked about what is found.</summary>
    public bool AsksDatabase { get; init; }

    public bool InBody { get; init; }

    /// <summary>It is in the body of a routine or in the action of a rule, which runs only when that is called or raised.</summary>
    public bool InRoutine { get; init; }

    /// <summary>It is what a trigger does that the statement raises: names can mean other tables there.</summary>
    public bool IsRaised { get; init; }

    /// <summary>An earlier statement of the body sets the search path.</summary>
    public bool IsPathUnknown { get; init; }

    /// <summary>The routines that the set created; null if they are not asked for.</summary>
    public RoutineHistory? Routines { get; init; }

    /// <summary>The names of the effect at hand without the schema that the script's search path stands for; null: they are the effect's own.</summary>
    public RelationName? Written { get; init; }

    /// <summary>The statement runs only to undo other statements.</summary>
    public bool IsUndo { get; init; }

    /// <summary>The line of the ROLLBACK that ends the script's own transaction; null if the statement stays done.</summary>
    public int? RolledBackIn { get; init; }

    /// <summary>The script's next statement; null if there is none, and in bodies.</summary>
    public SqlStatement? Next { get; init; }

    /// <summary>How statements without an object of their own are named.</summary>
    public string StatementName => $"statement {Statement.Ordinal}";

    public string Display(RelationName name) => name.Display(DefaultSchema);

    public string Display(RelationName table, string column) => Display(table) + "." + SqlName.DisplayBehindDot(column);

    public string Display(SqlObject what) => what.Display(DefaultSchema);

    /// <summary>The set created the table, which the live database cannot be asked about, and has had a table that was there reference it: by a key that says what becomes of its rows.</summary>
    public bool IsReferredToNew(RelationName table) => History.IsCreated(table) && History.IsReferredTo(table, RowChangeKind.Delete);

    /// <summary>As <see cref="IsReferredToNew"/>, where an UPDATE may change the columns that the key refers to, and it sets its own to NULL or their default.</summary>
    public bool IsReferredToNew(RowChange change) => History.IsCreated(change.Stored) && LiveUpdate.Of(change, History) is { } update && History.ForeignKeys.Added.Exists(k => k.OnUpdate is 'n' or 'd' && update.MayChange(k.Key));

    public string Referring(RowChange change) => change.Kind == RowChangeKind.Update ? IsReferredToNew(change) ? ", and changes rows of existing tables that reference them" : ""
        : IsReferredToNew(change.Stored) ? ", and deletes or changes rows of existing tables that reference them" : "";

    /// <summary>Why changes of that table are harmless; null if the table existed before.</summary>
    public string? CreatedHere(RelationName table) => History.IsCreated(table) ? "the table was created by the same pending migrations"
        : !InBody && !IsRaised && Script.IsTemporary(table) ? OfTemporary : null;

    /// <summary>Why changes of the session's own table are harmless; null for other tables.</summary>
    public string? IsOwn(Effect effect) => !InBody && !IsRaised && Script.IsOfTemporary(effect) ? OfTemporary : null;

    /// <summary>The name is that of a temporary view, which hides what else has it.</summary>
    public bool IsTemporaryView(RelationName name) => !InBody && !IsRaised && Script.IsTemporaryView(name);

    /// <summary>
    /// As <see cref="CreatedHere"/>, for what makes others wait or may fail: without a database to ask, a table created with IF NOT EXISTS counts as new. For what loses
    /// values it does not.
    /// </summary>
    public string? NewHere(RelationName table) =>
        CreatedHere(table) ?? (ServerMajor is null && History.IsCreatedIfMissing(table) ? "the same pending migrations create the table, unless it exists already" : null);

    /// <summary>What the live database shows of this table is what the statement will meet.</summary>
    public bool Proves(RelationName table) => !InBody && !History.MayHaveChanged(table);

    /// <summary>The server is known to have what came with that version.</summary>
    public bool IsAtLeast(int major) => ServerMajor is not { } known || known >= major;
}
