using System.Text;
using System.Text.RegularExpressions;
using DbSafety.Analysis;
using DbSafety.Databases;
using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>A statement that does something which a copy does not hold and a rollback does not undo.</summary>
/// <param name="File">The script's path as findings name it.</param>
/// <param name="What">What it does, as a verb with its object.</param>
internal sealed record OutsideStatement(string File, int Line, string What, string Text)
{
    public override string ToString() => $"{File} line {Line} {What}: {Text}";
}

/// <summary>
/// Which statements reach other servers or run programs, and which change a whole server rather than its database. It reads what stands written,
/// in bodies and in SQL that literals hold too, and what the database's own routines, triggers, defaults and views call.
/// </summary>
internal sealed partial class OutsideReach
{
    private readonly Dictionary<string, string> routines = new(StringComparer.Ordinal);
    private readonly bool ofWholeServer;

    private OutsideReach(bool ofWholeServer) => this.ofWholeServer = ofWholeServer;

    /// <summary>What happens without being called by name, such as a trigger that reaches out; null: nothing.</summary>
    public string? Unasked { get; private set; }

    /// <summary>By the scripts' own words alone.</summary>
    public static OutsideReach ByWords { get; } = new(ofWholeServer: false);

    /// <param name="ofWholeServer">Also what changes the server that the copy is on, and what nobody can read: the copy is on production's server.</param>
    public static async Task<OutsideReach> ReadAsync(NpgsqlConnection connection, bool ofWholeServer, CancellationToken ct)
    {
        var reach = new OutsideReach(ofWholeServer);
        var pieces = await connection.ListAsync(Sources, r => new Piece(r.GetString(0), r.GetString(1), r.GetBoolean(2), r.GetString(3)), ct);
        var open = pieces.Distinct().ToDictionary(p => p, p => Words().Matches(p.Source).Select(m => m.Value.ToLowerInvariant()).ToHashSet(StringComparer.Ordinal));
        for (var found = true; found;)
        {
            found = false;
            foreach (var (piece, words) in open.ToList())
            {
                if ((piece.IsOpaque ? "is written in a language that can do anything" : reach.Reads(piece.Source, isCode: true)
                    ?? (words.FirstOrDefault(w => w != piece.Name && reach.routines.ContainsKey(w)) is { } called ? $"calls {called}, which {reach.routines[called]}" : null)) is not { } what)
                    continue;
                (found, _) = (true, open.Remove(piece));
                if (piece.Kind is "routine" or "view" or "materialized view")
                    reach.routines.TryAdd(piece.Name.ToLowerInvariant(), what);
                // A materialized view is filled when the copy is made.
                if (piece.Kind is not ("routine" or "view"))
                    reach.Unasked ??= $"{piece.Kind} {piece.Name} {what}";
            }
        }

        return reach;
    }

    public IEnumerable<OutsideStatement> In(IEnumerable<MigrationFile> files) =>
        files.SelectMany(f => In(f.RelativePath, SqlSplitter.Split(f.Text)));

    public IEnumerable<OutsideStatement> In(string file, IEnumerable<SqlStatement> statements) =>
        statements.Select(s => (Statement: s, What: Of(s))).Where(s => s.What is not null).Select(s => new OutsideStatement(file, s.Statement.Line, s.What!, s.Statement.Excerpt));

    /// <returns>What of that kind it does; null: nothing that is known.</returns>
    public string? Of(SqlStatement statement)
    {
        var isCode = statement.StartsWith("do") || statement.Contains("function") || statement.Contains("procedure");
        if (Reads(Text(statement, withLiterals: isCode || statement.Contains("execute") || statement.Contains("prepare")), isCode) is { } what)
            return what;
        var depth = 0;
        for (var i = 0; isCode && i + 1 < statement.Tokens.Count; i++)
        {
            depth += statement.Tokens[i].IsMark('(') ? 1 : statement.Tokens[i].IsMark(')') ? -1 : 0;
            if (depth == 0 && statement.Tokens[i].Is("language") && statement.Tokens[i + 1].Value.ToLowerInvariant() is var language && !Trusted.Contains(language))
                return InLanguage(language);
        }

        foreach (var token in statement.Tokens)
        {
            if (token.IsName && routines.TryGetValue(token.Value.ToLowerInvariant(), out var does))
                return $"uses {token.Value}, which {does}";
            if (isCode && token.Kind == SqlTokenKind.Text && Words().Matches(token.Value).Select(m => m.Value.ToLowerInvariant()).FirstOrDefault(routines.ContainsKey) is { } called)
                return $"uses {called}, which {routines[called]}";
        }

        return null;
    }

    private string? Reads(string text, bool isCode)
    {
        foreach (var (pattern, what) in Outward)
        {
            if (pattern.Match(text) is { Success: true } match)
                return what.Replace("{0}", match.Value.Trim(), StringComparison.Ordinal);
        }

        if (Language().Match(text) is { Success: true } untrusted)
            return InLanguage(untrusted.Groups[1].Value.ToLowerInvariant());
        if (!ofWholeServer)
            return null;
        foreach (var (pattern, what) in ServerWide)
        {
            if (pattern.IsMatch(text))
                return what;
        }

        return isCode && Dynamic().IsMatch(text) ? "runs SQL that is put together at run time, which can change the whole server" : null;
    }

    private static string InLanguage(string language) => $"runs code in the language {language}, which can do anything";

    /// <summary>Without comments, its tokens apart.</summary>
    private static string Text(SqlStatement statement, bool withLiterals)
    {
        var text = new StringBuilder();
        foreach (var token in statement.Tokens)
        {
            if (token.Kind == SqlTokenKind.Text)
                text.Append(withLiterals ? token.Value : "''");
            else
                text.Append(token.Written);
            text.Append(' ');
        }

        return text.ToString();
    }

    private sealed record Piece(string Kind, string Name, bool IsOpaque, string Source);

    /// <summary>What the database itself holds of code. Extensions' own C functions are known by their names.</summary>
    private const string Sources =
        """
        SELECT 'routine', p.proname::text,
               NOT l.lanpltrusted AND l.lanname NOT IN ('internal', 'c') OR l.lanname = 'c' AND NOT EXISTS (
                   SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e'),
               CASE WHEN l.lanname IN ('internal', 'c') THEN '' ELSE p.prosrc END
                   || COALESCE((SELECT pg_catalog.string_agg(DISTINCT ' ' || f.proname, '') FROM pg_catalog.pg_depend d
                                JOIN pg_catalog.pg_proc f ON d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND f.oid = d.refobjid
                                WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'n'), '')
        FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
        WHERE p.pronamespace NOT IN (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname IN ('pg_catalog', 'information_schema'))
        UNION ALL
        SELECT CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, c.relname::text, false, pg_catalog.pg_get_viewdef(c.oid) FROM pg_catalog.pg_class c
        WHERE c.relkind IN ('v', 'm') AND c.relnamespace NOT IN (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname IN ('pg_catalog', 'information_schema'))
        UNION ALL
        SELECT 'trigger', t.tgname::text, false, p.proname FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal
        UNION ALL
        SELECT 'event trigger', e.evtname::text, false, p.proname FROM pg_catalog.pg_event_trigger e JOIN pg_catalog.pg_proc p ON p.oid = e.evtfoid
        UNION ALL
        SELECT 'the default of a column of table', c.relname::text, false, pg_catalog.pg_get_expr(d.adbin, d.adrelid)
        FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_class c ON c.oid = d.adrelid
        UNION ALL
        SELECT 'view', c.relname::text, false, 'FROM PROGRAM' FROM pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_class c ON c.oid = f.ftrelid
        WHERE EXISTS (SELECT FROM pg_catalog.unnest(f.ftoptions) o WHERE o LIKE 'program=%')
        UNION ALL
        SELECT 'policy', p.polname::text, false, pg_catalog.concat_ws(' ', pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)) FROM pg_catalog.pg_policy p
        UNION ALL
        SELECT 'index', c.relname::text, false, pg_catalog.pg_get_indexdef(c.oid) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
        WHERE i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
        UNION ALL
        SELECT 'check constraint', c.conname::text, false, pg_catalog.pg_get_constraintdef(c.oid) FROM pg_catalog.pg_constraint c WHERE c.contype = 'c'
        UNION ALL
        SELECT 'rule', r.rulename::text, false, pg_catalog.pg_get_ruledef(r.oid) FROM pg_catalog.pg_rewrite r
        WHERE r.rulename <> '_RETURN' AND r.ev_class >= 16384
        """;

    /// <summary>What their names say is done by SQL alone, or by an interpreter that keeps to itself.</summary>
    private static readonly HashSet<string> Trusted = ["sql", "plpgsql", "plperl", "pltcl", "plv8", "plcoffee", "plls", "plrust", "internal"];

    private static readonly (Regex Pattern, string What)[] Outward =
    [
        (Of(@"\bdblink\w*"), "calls {0}, which connects to another server"),
        (Of(@"\b(create|alter)\s+server\b"), "defines where a foreign server is"),
        (Of(@"\b(create|alter|drop)\s+subscription\b"), "has a subscription connect to its publisher"),
        (Of(@"\b(from|to)\s+program\b"), "runs a program on the server's machine"),
        (Of(@"\boptions\s*\([^)]*\bprogram\s+e?'"), "has a foreign table run a program"),
        (Of(@"\b(net|cron|aws_s3|aws_lambda|pglogical)\s*\.\s*\w+\s*\("), "has a background worker or another service work outside of the database"),
        (Of(@"\bhttp(_\w+)?\s*\("), "sends a request over the network"),
        (Of(@"\balter\s+system\b"), "changes the configuration of the whole server"),
        (Of(@"^\s*load\b"), "loads a library into the server"),
    ];

    private static readonly (Regex Pattern, string What)[] ServerWide =
    [
        (Of(@"\b(create|alter|drop)\s+(role|user(?!\s+mapping\b)|group)\b"), "changes a role of the whole server"),
        (Of(@"\b(create|alter|drop)\s+(database|tablespace)\b"), "changes a database or a tablespace of the server"),
        (Of(@"\b(comment\s+on|on)\s+(role|database|tablespace|parameter)\b"), "changes a role, a database or a tablespace of the server"),
        (Of(@"\b(grant|revoke)\b(?:(?!\bon\b|;).)*\b(to|from)\b"), "changes the membership of a role"),
        (Of(@"\b(reassign|drop)\s+owned\b"), "changes databases and tablespaces of a role too"),
        (Of(@"\bpg_(reload_conf|terminate_backend|cancel_backend|rotate_logfile|promote|switch_wal|create_restore_point|(create|copy)_(logical|physical)_replication_slot|drop_replication_slot|logical_slot_\w+|replication_(origin|slot)_\w+|wal_replay_\w+|stat_reset\w*|(start|stop)_backup|backup_(start|stop)|file_\w+)\b"), "acts on the whole server"),
        (Of(@"\bcopy\b[^;]*\bto\s+e?'"), "writes a file on production's machine"),
        (Of(@"\b(update|insert\s+into|delete\s+from|merge\s+into)\s+(only\s+)?(pg_catalog\s*\.\s*)?""?pg_(database|authid|auth_members|db_role_setting|tablespace|shdepend|shdescription|shseclabel|parameter_acl|replication_origin|subscription)\b"), "changes a catalog of the whole server"),
        (Of(@"\b(query_to_xml\w*|cursor_to_xml\w*|ts_stat|ts_rewrite|crosstab\w*|connectby|xpath_table)\s*\("), "runs SQL from a text, which can change the whole server"),
        (Of(@"\blo_export\b"), "writes a file on production's machine"),
    ];

    private static Regex Of(string pattern) => new(pattern, RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant);

    [GeneratedRegex(@"\w+")]
    private static partial Regex Words();

    /// <summary>In SQL that a body holds; a column can be called language too.</summary>
    [GeneratedRegex(@"\blanguage\s+[""']?(c|pl\w*u|plpython\w*|plsh|plr|plproxy|java\w*)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Language();

    /// <summary>EXECUTE of anything but a literal, which is read as it stands; EXECUTE FUNCTION and GRANT EXECUTE ON are none.</summary>
    [GeneratedRegex(@"\bexecute\s+(?!function\b|procedure\b|on\b|'(?:[^']|'')*'\s*(?:;|into\b|using\b))", RegexOptions.IgnoreCase)]
    private static partial Regex Dynamic();
}
