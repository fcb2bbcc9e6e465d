using System.Text;
using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules.Style;

/// <summary>
/// PostgreSQL truncates names to 63 bytes, with a NOTICE. All statements that use the name are truncated alike, so that nothing breaks until a second name is equal in its first 63 bytes.
/// </summary>
internal sealed class IdentifierTooLong() : StyleRule("identifier-too-long")
{
    /// <summary>NAMEDATALEN - 1 (https://www.postgresql.org/docs/current/sql-syntax-lexical.html).</summary>
    private const int Most = 63;

    public override IEnumerable<Verdict> JudgeAll(IReadOnlyList<Effect> effects, StatementContext context)
    {
        if (effects[0].Command is not (Command.CreateTable or Command.CreateIndex or Command.CreateObject or Command.AlterTable or Command.AlterObject))
            yield break;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var token in context.Statement.Tokens)
        {
            if (!token.IsName || token.Length <= Most / 4 || Bytes(token) is not { } bytes || bytes <= Most || !seen.Add(token.Value))
                continue;
            yield return new Verdict(token.Value, $"uses a name of {bytes} bytes, which PostgreSQL truncates to {token.Value}", "Choose a name of at most 63 bytes: another name that begins with the same 63 bytes is the same name.");
        }
    }

    /// <summary>Null if escapes stand in for characters.</summary>
    private static int? Bytes(SqlToken token)
    {
        var written = token.Written;
        if (token.Kind == SqlTokenKind.Word)
            return Encoding.UTF8.GetByteCount(written);
        return written[0] == '"' ? Encoding.UTF8.GetByteCount(written[1..^1].ToString().Replace("\"\"", "\"", StringComparison.Ordinal)) : null;
    }
}
