using System.Collections.Immutable;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>An effect of a statement of a migration.</summary>
public sealed record MigrationFinding
{
    /// <summary>The rule's id, such as <c>drop-column</c>.</summary>
    public required string Rule { get; init; }

    public required FindingSeverity Severity { get; init; }

    /// <summary>The script, relative to the migrations folder.</summary>
    public required string File { get; init; }

    /// <summary>1-based line in <see cref="File"/>.</summary>
    public required int Line { get; init; }

    /// <summary>1-based place of the statement in its file.</summary>
    public required int Statement { get; init; }

    /// <summary>The affected object, such as <c>categories.active</c>; with its schema unless it is the default schema.</summary>
    public required string Object { get; init; }

    /// <summary>In plain words what is lost or may fail, with the live numbers where they are known.</summary>
    public required string Message { get; init; }

    /// <summary>What to do instead.</summary>
    public required string Remedy { get; init; }

    /// <summary>The part of <see cref="Remedy"/> that is SQL, with the names at hand; null if there is no such SQL.</summary>
    public string? RemedySql { get; init; }

    /// <summary>Numbers from the live database, such as <c>rows</c>, <c>values</c> or <c>nulls</c>; empty without a database.</summary>
    public IReadOnlyDictionary<string, long> LiveFacts { get; init; } = new Dictionary<string, long>();

    /// <summary>It is inside a DO block or a function's body.</summary>
    public bool InBody { get; init; }

    /// <summary>How <c>--allow</c> names it.</summary>
    public string AllowAs => $"{Rule}:{Object}";

    /// <summary>The statement would fail: the live data show it, or PostgreSQL refuses it whatever the data.</summary>
    public bool WouldFail { get; init; }

    /// <summary>The reason of the comment in the script that allows it; null if there is none.</summary>
    public string? AllowedBecause { get; init; }

    /// <summary>Values would be lost, or the statement would fail: a migration with such a finding is refused.</summary>
    public bool Refuses => Severity == FindingSeverity.Destructive || WouldFail;

    /// <summary>The statement that runs it, if it is in another statement: the call of a routine.</summary>
    internal (string File, int Statement)? RunsAt { get; init; }

    /// <summary>The destructive finding that this was, before the live database showed that nothing would be lost; else null.</summary>
    internal MigrationFinding? LoweredFrom { get; init; }

    /// <summary>It was lowered by a count, or because an ambiguous name was not found: this can change until the statement runs.</summary>
    internal bool IsLoweredByCount => LoweredFrom is not null && (LiveFacts.Count > 0 || IsNameUncertain);

    /// <summary>What the statement does, without the consequence: for a finding that is lowered. Null: the message as it is.</summary>
    internal string? Plain { get; init; }

    /// <summary>The remedy where the live database shows that the table is partitioned.</summary>
    internal PartitionedRemedy? IfPartitioned { get; init; }

    /// <summary>The strong locks that the message begins with; null if it names none.</summary>
    internal LockClaim? Locks { get; init; }

    /// <summary>What it touches in the live database, as it is called there now.</summary>
    internal LiveQuestion? Question { get; init; }

    /// <summary>The tables whose rows earlier statements have written.</summary>
    internal WrittenTables WrittenBefore { get; init; } = WrittenTables.None;

    /// <summary>What an UPDATE changes, which foreign keys can refer to; null for everything else, and if its table is not known.</summary>
    internal LiveUpdate? Updates { get; init; }

    /// <summary>The columns of a table that was there which the set has added and an UPDATE fills; null for everything else.</summary>
    internal LiveFill? Fills { get; init; }

    /// <summary>The foreign keys that the statement meets, where they are others than those of the live database.</summary>
    internal ForeignKeyChanges ForeignKeys { get; init; } = ForeignKeyChanges.None;

    /// <summary>It happens only where that table of the live database is partitioned by one of these columns, each on a line of its own; none stand for any. Null: it depends on no such thing.</summary>
    internal (RelationName Table, string Columns)? Moved { get; init; }

    /// <summary>It happens only where this holds in the live database. Null: it depends on no such thing.</summary>
    internal PartOf? PartOf { get; init; }

    /// <summary>What PostgreSQL refuses to drop or change while other objects use it; null for everything else.</summary>
    internal LiveDependents? Dependents { get; init; }

    /// <summary>What of the live database the statement makes PostgreSQL compute.</summary>
    internal IReadOnlyList<LiveComputed> Computes { get; init; } = [];

    /// <summary>The routines that the set created before the statement.</summary>
    internal ImmutableDictionary<RelationName, ImmutableList<CreatedRoutine>>? Created { get; init; }

    /// <summary>The effect that it is about, where the catalog shows whether PostgreSQL refuses it or it does nothing; else null.</summary>
    internal LiveEffect? Effect { get; init; }

    /// <summary>The table or schema in the statement's own words: the search path at that moment decides what they mean. Null if the statement does not name it.</summary>
    internal RelationName? Written { get; init; }

    /// <summary><see cref="Written"/> has no schema, in a script that sets the search path.</summary>
    internal bool IsNameUncertain { get; init; }

    /// <summary>
    /// That nothing of that name is there is foreseen: by IF EXISTS, or since the set creates it where it is missing. Of everything else that is not found nothing is known.
    /// </summary>
    internal bool MayBeMissing { get; init; }

    /// <summary>The relation without which the statement does nothing: with IF EXISTS. Null for others.</summary>
    internal RelationName? IfThere { get; init; }

    /// <summary>The column of <see cref="Written"/> that the statement names.</summary>
    internal string? WrittenColumn { get; init; }

    /// <summary>Another finding of the same statement, without the queries and counts of this finding.</summary>
    internal MigrationFinding Beside(string rule, FindingSeverity severity, string message, string remedy) => this with
    {
        Rule = rule,
        Severity = severity,
        Message = message,
        Remedy = remedy,
        RemedySql = null,
        LiveFacts = new Dictionary<string, long>(),
        LoweredFrom = null,
        WouldFail = false,
        Question = null,
        WrittenBefore = WrittenTables.None,
        Updates = null,
        Fills = null,
        Moved = null,
        PartOf = null,
        Dependents = null,
        Computes = [],
        Effect = null,
        Locks = null,
        Plain = null,
        IfPartitioned = null,
        Written = null,
        WrittenColumn = null,
        IsNameUncertain = false,
        IfThere = null,
        MayBeMissing = false,
    };

    /// <summary>It stops no run: the rehearsal and the counts before the commit show whether it happens.</summary>
    internal MigrationFinding UnderCondition(string of) => Severity != FindingSeverity.Destructive ? this
        : this with { Severity = FindingSeverity.Breaking, Question = null, Message = $"{Message}, if a condition of {of} holds" };
}
