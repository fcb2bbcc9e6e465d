using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>A statement, or an action of ALTER TABLE, that is none of PostgreSQL's (https://www.postgresql.org/docs/current/sql-commands.html).</summary>
internal sealed class UnknownStatement : IAnalysisRule
{
    public string Id => "unknown-statement";

    public FindingSeverity Severity => FindingSeverity.Opaque;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (context.Statement.IsPsqlCommand)
            return new Verdict(context.StatementName, $"is a psql meta-command ({context.Statement.Excerpt}), which only psql can run", "Use plain SQL.");
        return effect.Cause is Command.Unknown || IsFirst(effect)
            ? new Verdict(context.StatementName, $"is not a known statement: {context.Statement.Excerpt}", "Check its spelling; the rehearsal shows its effects.")
            : null;
    }

    /// <summary>Where a comma parts what is no list of actions, one of them speaks for all.</summary>
    private static bool IsFirst(Effect effect) =>
        effect is { Cause: TableAction.Unknown, Command: Command.AlterTable alter } && ReferenceEquals(alter.Actions.First(a => a is TableAction.Unknown), effect.Cause);
}
