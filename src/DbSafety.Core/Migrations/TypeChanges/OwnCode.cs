using System.Runtime.CompilerServices;
using DbSafety.Analysis.Functions;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.TypeChanges;

/// <summary>
/// The functions of a database that an expression can call implicitly: those of its operators, casts and domains, and those in column notation
/// (<c>row.function</c>). Built-in functions and functions of extensions are not included, unless they are volatile. Expressions that may call such functions are not evaluated to count rows.
/// </summary>
internal sealed class OwnCode
{
    /// <summary>Keywords that resolve to operators without showing one.</summary>
    private static readonly string[] Hidden = ["=", "<>", "<", ">", "<=", ">=", "~~", "!~~", "~~*", "!~~*", "~", "!~"];

    /// <summary>A query without these and without operators, literals and casts reads columns as they are.</summary>
    private static readonly string[] Expressions =
        ["where", "on", "using", "having", "case", "cast", "order", "group", "distinct", "in", "like", "ilike", "similar", "between", "nullif", "greatest", "least", "union", "any", "some", "all", "values"];

    /// <summary>A function with one of these may do more than compute.</summary>
    private static readonly string[] Statements = ["execute", "from", "join", "table", "insert", "update", "delete", "merge", "copy", "call", "perform", "set", "notify", "listen", "lock", "do"];

    private const string Functions =
        """
        bad(oid) AS (
            SELECT p.oid FROM pg_catalog.pg_proc p WHERE p.prokind <> 'a' AND p.provolatile = 'v'
            UNION ALL
            SELECT p.oid FROM pg_catalog.pg_proc p WHERE p.oid >= 16384 AND (p.prokind = 'a' OR p.provolatile <> 'v')
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
        )
        """;

    private const string Sql =
        $"""
        WITH {Functions}
        SELECT 'operator', o.oprname::text, 0::oid FROM pg_catalog.pg_operator o WHERE o.oid >= 16384 AND o.oprcode IN (SELECT oid FROM bad)
        UNION ALL
        SELECT CASE WHEN c.castcontext = 'i' OR c.casttarget < 16384 THEN 'any' ELSE 'type' END, '', c.casttarget FROM pg_catalog.pg_cast c WHERE c.oid >= 16384 AND c.castfunc IN (SELECT oid FROM bad)
        UNION ALL
        SELECT 'any', t.typname, t.oid FROM pg_catalog.pg_type t WHERE t.oid >= 16384 AND t.typtype = 'b' AND (t.typinput IN (SELECT oid FROM bad) OR t.typoutput IN (SELECT oid FROM bad))
        UNION ALL
        SELECT 'any', '', r.rngtypid FROM pg_catalog.pg_range r WHERE r.rngtypid >= 16384 AND (r.rngcanonical IN (SELECT oid FROM bad) OR r.rngsubdiff IN (SELECT oid FROM bad))
        UNION ALL
        SELECT 'check', pg_catalog.pg_get_expr(c.conbin, 0), c.contypid FROM pg_catalog.pg_constraint c WHERE c.contypid >= 16384 AND c.contype = 'c'
        UNION ALL
        SELECT 'attribute', p.proname, p.oid FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_type t ON t.oid = p.proargtypes[0] WHERE p.oid IN (SELECT oid FROM bad) AND p.oid >= 16384
            AND p.pronargs - p.pronargdefaults <= 1 AND t.typtype IN ('c', 'd', 'p')
        """;

    /// <summary>The types that contain a value of one of the types.</summary>
    private const string HoldersSql =
        """
        WITH RECURSIVE holds(oid) AS (
            SELECT pg_catalog.unnest($1::oid[])
            UNION SELECT t.oid FROM holds h JOIN pg_catalog.pg_type t ON t.typbasetype = h.oid OR t.typelem = h.oid
                OR EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND t.typrelid <> 0 AND a.atttypid = h.oid AND a.attnum > 0)
                OR EXISTS (SELECT FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid AND r.rngsubtype = h.oid)
        )
        SELECT t.typname, coalesce(c.relkind <> 'c', false) FROM holds h JOIN pg_catalog.pg_type t ON t.oid = h.oid LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
        """;

    private readonly NpgsqlConnection connection;
    private readonly HashSet<string> operators = new(StringComparer.Ordinal), attributes = new(StringComparer.Ordinal), types = new(StringComparer.Ordinal), rows = new(StringComparer.Ordinal);
    private bool isAnywhere;

    private OwnCode(NpgsqlConnection connection) => this.connection = connection;

    private static readonly ConditionalWeakTable<NpgsqlTransaction, OwnCode> Known = [];

    /// <summary>Read once for each transaction.</summary>
    public static async Task<OwnCode> OfAsync(NpgsqlTransaction transaction, CancellationToken ct)
    {
        if (!Known.TryGetValue(transaction, out var own))
            Known.AddOrUpdate(transaction, own = await ReadAsync(transaction.Connection!, ct));
        return own;
    }

    private static async Task<OwnCode> ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var own = new OwnCode(connection);
        var found = await connection.ListAsync(Sql, r => (Kind: r.GetString(0), Text: r.GetString(1), Oid: r.GetFieldValue<uint>(2)), ct);
        own.operators.UnionWith(found.Where(f => f.Kind == "operator").Select(f => f.Text));
        own.attributes.UnionWith(found.Where(f => f.Kind == "attribute").Select(f => f.Text));
        own.isAnywhere = found.Exists(f => f.Kind == "any");
        var seeds = found.Where(f => f.Kind == "type").Select(f => f.Oid).ToHashSet();
        foreach (var check in found.Where(f => f.Kind == "check" && !seeds.Contains(f.Oid)))
        {
            // VALUE ~ '…'::text: the operators that it may call are known here.
            if (SqlSplitter.Split(check.Text) is not [var expression] || await own.MayBeCalledAsync(expression.Tokens, withOwn: false, ct))
                seeds.Add(check.Oid);
        }

        if (seeds.Count == 0)
            return own;
        foreach (var (name, isRow) in await connection.ListAsync(HoldersSql, r => (r.GetString(0), r.GetBoolean(1)), ct, seeds.Select(s => (long)s).ToArray()))
            (isRow ? own.rows : own.types).Add(name.StartsWith('_') ? name[1..] : name);
        return own;
    }

    /// <summary>Whether an expression may call a function that does more than compute.</summary>
    /// <param name="withOwn">Functions of the database are accepted by name if their body shows that they only compute.</param>
    public async Task<bool> MayBeCalledAsync(IReadOnlyList<SqlToken> tokens, bool withOwn, CancellationToken ct)
    {
        var calls = FunctionCalls.In(tokens).DistinctBy(c => (c.Schema, c.Name)).ToList();
        var unknown = calls.Where(c => !KnownFunctions.IsSteady(c)).ToList();
        if (unknown.Count > 0 && !withOwn)
            return true;
        if (IsTouched(tokens) || unknown.Exists(u => rows.Contains(u.Name)))
            return true;
        // A function of the database can have the name of a built-in function, with arguments of other types.
        var own = calls.Count == 0 ? [] : await connection.ListAsync(
            $"""
            WITH {Functions}
            SELECT p.proname, p.oid >= 16384 AND p.provolatile IN ('i', 's') AND p.prokind = 'f' AND l.lanname IN ('sql', 'plpgsql') AND p.proconfig IS NULL, coalesce(p.prosrc, '')
            FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
            WHERE p.proname = ANY ($1) AND p.oid IN (SELECT oid FROM bad) AND (p.oid >= 16384 OR p.proname = ANY ($2))
            """,
            r => (Name: r.GetString(0), IsReadable: r.GetBoolean(1), Body: r.GetString(2)), ct, calls.Select(c => c.Name).ToArray(), unknown.Select(c => c.Name).ToArray());
        if (own.Count == 0 && unknown.Count == 0)
            return false;
        if (!withOwn || unknown.Exists(u => KnownFunctions.OwnVolatility(u) is not null || KnownFunctions.ReachesOtherServers(u.Name) || KnownFunctions.RunsText(u.Name)))
            return true;
        foreach (var function in own)
        {
            if (!function.IsReadable || !await OnlyComputesAsync(function.Body, ct))
                return true;
        }

        return false;
    }

    private async Task<bool> OnlyComputesAsync(string body, CancellationToken ct)
    {
        if (body.Length == 0)
            return false;
        foreach (var statement in SqlSplitter.Split(body))
        {
            if (statement.Tokens.Any(t => Array.Exists(Statements, t.Is)) || await MayBeCalledAsync(statement.Tokens, withOwn: false, ct))
                return false;
        }

        return true;
    }

    private bool IsTouched(IReadOnlyList<SqlToken> tokens)
    {
        if ((isAnywhere || Array.Exists(Hidden, operators.Contains)) && IsExpression(tokens))
            return true;
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            if (token.Kind == SqlTokenKind.Operator && operators.Contains(token.Value))
                return true;
            if (!token.IsName)
                continue;
            var name = token.Value;
            if (types.Contains(name) || (i > 0 && tokens[i - 1].IsMark('.') && attributes.Contains(name)) || (rows.Contains(name) && IsType(tokens, i)))
                return true;
        }

        return false;
    }

    private static bool IsExpression(IReadOnlyList<SqlToken> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            if (token.Kind == SqlTokenKind.Text || (token.Kind == SqlTokenKind.Operator && !(token.IsOperator("*") && i > 0 && tokens[i - 1].IsMark('('))) || Array.Exists(Expressions, token.Is)
                || (token.IsMark(':') && i > 0 && tokens[i - 1].IsMark(':')))
                return true;
        }

        return false;
    }

    /// <summary><c>::t</c>, <c>CAST (… AS t)</c>, <c>t '…'</c>; elsewhere it is the table.</summary>
    private static bool IsType(IReadOnlyList<SqlToken> tokens, int at)
    {
        var start = at;
        while (start > 1 && tokens[start - 1].IsMark('.') && tokens[start - 2].IsName)
            start -= 2;
        return (start > 0 && tokens[start - 1].IsMark(':')) || (start > 0 && tokens[start - 1].Is("as") && tokens.Any(t => t.Is("cast"))) || (at + 1 < tokens.Count && tokens[at + 1].Kind == SqlTokenKind.Text);
    }
}
