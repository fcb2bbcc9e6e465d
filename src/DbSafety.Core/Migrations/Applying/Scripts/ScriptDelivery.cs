using DbSafety.Analysis.Scripts;
using DbSafety.Migrations.Sources;

namespace DbSafety.Migrations.Applying.Scripts;

/// <summary>The messages in which a script's own tool sends it to the server. They determine the transactions.</summary>
internal enum ScriptDeliveryKind
{
    /// <summary>
    /// Prisma: all of it as one simple query, whose statements are an implicit transaction
    /// (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT).
    /// </summary>
    OneQuery,

    /// <summary>Drizzle: the text between two breakpoints as a simple query, all of them inside a transaction that the tool begins.</summary>
    Pieces,

    /// <summary>Plain SQL files, as psql does: statement by statement. Those outside BEGIN … COMMIT are grouped in transactions of DbSafety.</summary>
    Statements,
}

/// <summary>The messages of one script.</summary>
/// <param name="Breakpoints">Where in the text Drizzle's breakpoints stand.</param>
internal sealed record ScriptDelivery(ScriptDeliveryKind Kind, IReadOnlyList<int> Breakpoints)
{
    public static ScriptDelivery Of(MigrationFile file, MigrationSource source) => source switch
    {
        MigrationSource.Prisma => OneQuery,
        MigrationSource.Drizzle => new ScriptDelivery(ScriptDeliveryKind.Pieces, file.Breakpoints),
        _ => Statements,
    };

    public static ScriptDelivery OneQuery { get; } = new(ScriptDeliveryKind.OneQuery, []);

    public static ScriptDelivery Statements { get; } = new(ScriptDeliveryKind.Statements, []);

    /// <summary>The messages that the statements are sent in, by number.</summary>
    public IReadOnlyList<int> Messages(IReadOnlyList<SqlStatement> statements) => Kind switch
    {
        ScriptDeliveryKind.OneQuery => [.. statements.Select(_ => 0)],
        ScriptDeliveryKind.Pieces => [.. statements.Select(s => Breakpoints.Count(b => b < s.Offset))],
        _ => [.. Enumerable.Range(0, statements.Count)],
    };
}
