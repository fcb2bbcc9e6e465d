using System.Text.RegularExpressions;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Scripts;

/// <summary>
/// The comments by which a script asks its tool to be run without a transaction: <c>-- +goose NO TRANSACTION</c>, <c>-- migrate:up transaction:false</c>
/// (dbmate), <c>-- +migrate Up notransaction</c> (sql-migrate), <c>-- no-transaction</c> (sqlx), <c>-- atlas:txmode none</c>; and the comment that declares it to squawk: <c>-- squawk-disable-assume-in-transaction</c>.
/// </summary>
internal static partial class TransactionMarker
{
    public static bool MayBeIn(string text) => Words().IsMatch(text);

    public static bool IsIn(SqlComment comment) => comment.StartsLine && Marker().IsMatch(comment.Written);

    [GeneratedRegex(@"no[ \t-]*transaction|transaction[ \t]*:[ \t]*false|txmode[ \t]+none|assume-in-transaction", RegexOptions.IgnoreCase)]
    private static partial Regex Words();

    [GeneratedRegex(
        @"^--[ \t]*(\+goose[ \t]+no[ \t]+transaction|migrate:(up|down)[ \t].*\btransaction[ \t]*:[ \t]*false|\+migrate[ \t]+(up|down)[ \t]+notransaction|no-transaction|atlas:txmode[ \t]+none|squawk-disable-assume-in-transaction)\b",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Marker();
}
