using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Analysis.Rules;

/// <summary>Runs code of a procedural language; only its static statements can be read.</summary>
internal sealed class DoBlock : IAnalysisRule
{
    /// <summary>With these begin statements that are what they look like, and the lines of a block that decide nothing else than which of them run.</summary>
    private static readonly string[] PlainWords =
        ["create", "alter", "drop", "comment", "grant", "revoke", "insert", "update", "delete", "truncate", "if", "elsif", "exception", "when", "null", "raise", "end"];

    public string Id => "do-block";

    public FindingSeverity Severity => FindingSeverity.Opaque;

    public Verdict? Judge(Effect effect, StatementContext context) =>
        effect.Cause is Command.DoBlock
            ? new Verdict(context.StatementName, "runs a DO block, of which only the static statements were analysed", "Use plain SQL if possible; the rehearsal shows the effects of the block.")
            {
                HarmlessBecause = IsPlain(effect, context.Statement) ? "it has no other statements" : null,
            }
            : null;

    /// <summary>BEGIN, statements with or without IF around them, handlers of errors, and the END that shows that all of it was read; no variables, loops or calls.</summary>
    private static bool IsPlain(Effect effect, SqlStatement statement)
    {
        if (statement.IsAbridged || statement.Tokens.SkipWhile(t => !t.Is("language")).Skip(1).FirstOrDefault() is { Length: > 0 } language && language.Value is not "plpgsql")
            return false;
        var (isClosed, words) = (false, 0);
        foreach (var part in RoutineBody.Statements(statement, effect.Command))
        {
            if (!Array.Exists(PlainWords, part.Tokens[0].Is))
                return false;
            words++;
            isClosed = part.Tokens is [var end] && end.Is("end");
        }

        return isClosed && words > 1;
    }
}
