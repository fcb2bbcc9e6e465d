using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Begins or ends a transaction or a savepoint.</summary>
internal sealed class Transaction() : InfoRule("transaction")
{
    protected override (string Object, string Does)? Describe(Effect effect, StatementContext context) =>
        effect.Cause is Command.Transaction transaction && !context.InBody ? (context.StatementName, $"controls the transaction ({transaction.Word.ToUpperInvariant()})") : null;
}
