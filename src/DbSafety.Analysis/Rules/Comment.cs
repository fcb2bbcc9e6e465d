using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Sets a comment or a security label.</summary>
internal sealed class Comment() : InfoRule("comment")
{
    protected override (string Object, string Does)? Describe(Effect effect, StatementContext context) =>
        effect.Cause is Command.Describe ? (context.Display(effect.Object), $"{(context.Statement.StartsWith("security") ? "sets a security label" : "sets a comment")} on {ObjectKinds.Words(effect.Object.Kind)} {context.Display(effect.Object)}") : null;
}
