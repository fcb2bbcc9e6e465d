using System.Text.RegularExpressions;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using Npgsql;

namespace DbSafety.Databases.Snapshots;

/// <summary>Objects that cannot be restored from a dump, because they call functions that depend on a search_path, which pg_dump and pg_restore set to an empty value.</summary>
/// <param name="Paths">The search_path values of the database, first the value with which most of them work.</param>
/// <param name="Objects">Such as <c>index app.t_f_idx</c>.</param>
/// <param name="Findings">Each function with its objects and the statement that fixes it.</param>
internal sealed partial record PathDependence(IReadOnlyList<string> Paths, IReadOnlyList<string> Objects, IReadOnlyList<string> Findings)
{
    private const string Point = "search_path";

    /// <summary>The maximum number of objects listed for a function.</summary>
    private const int MostObjects = 5;

    /// <summary>Functions with a text body and without their own search_path setting.</summary>
    private static string Functions(int major) => $"""
        SELECT p.oid, p.proname, l.lanname FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
        WHERE l.lanname NOT IN ('internal', 'c') AND p.oid >= 16384 {(major >= 14 ? "AND p.prosqlbody IS NULL" : "")}
          AND NOT EXISTS (SELECT 1 FROM pg_catalog.unnest(p.proconfig) AS s WHERE s LIKE 'search\_path=%')
        """;

    /// <summary>The objects that call such functions, with the expressions that are evaluated on a table, if any.</summary>
    private static string Candidates(int major) => $"""
        WITH RECURSIVE functions AS MATERIALIZED ({Functions(major)}), views (oid, via) AS (
            SELECT c.oid, c.oid FROM pg_catalog.pg_class c WHERE c.relkind = 'm'
            UNION
            SELECT views.oid, v.oid FROM views JOIN pg_catalog.pg_rewrite r ON r.ev_class = views.via
            JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
            JOIN pg_catalog.pg_class v ON v.oid = d.refobjid AND v.relkind IN ('v', 'm')
        ), objects AS (
            SELECT 'pg_catalog.pg_class'::pg_catalog.regclass AS catalog, i.indexrelid AS oid, 'index ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name, i.indrelid AS relation,
                   pg_catalog.concat_ws(', ', pg_catalog.pg_get_expr(i.indexprs, i.indrelid), pg_catalog.pg_get_expr(i.indpred, i.indrelid)) AS expressions
            FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
            UNION ALL
            SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, o.oid, 'constraint ' || pg_catalog.quote_ident(o.conname) || ' of ' || coalesce('table ' || NULLIF(o.conrelid, 0)::pg_catalog.regclass, 'domain ' || NULLIF(o.contypid, 0)::pg_catalog.regtype),
                   o.conrelid, CASE WHEN o.conrelid <> 0 THEN pg_catalog.pg_get_expr(o.conbin, o.conrelid) END
            FROM pg_catalog.pg_constraint o WHERE o.contype = 'c'
            UNION ALL
            SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass, d.oid, 'generated column ' || pg_catalog.quote_ident(a.attname) || ' of table ' || d.adrelid::pg_catalog.regclass, d.adrelid, pg_catalog.pg_get_expr(d.adbin, d.adrelid)
            FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE a.attgenerated <> ''
            UNION ALL
            SELECT 'pg_catalog.pg_rewrite'::pg_catalog.regclass, r.oid, 'materialized view ' || views.oid::pg_catalog.regclass, views.oid, NULL
            FROM views JOIN pg_catalog.pg_rewrite r ON r.ev_class = views.via
        )
        SELECT objects.name, pg_catalog.min('(NULL::' || objects.relation::pg_catalog.regclass || ').* OFFSET 0) AS ' || (SELECT pg_catalog.quote_ident(c.relname) FROM pg_catalog.pg_class c WHERE c.oid = objects.relation)), pg_catalog.min(objects.expressions),
               pg_catalog.array_agg(f.oid::pg_catalog.regprocedure::pg_catalog.text ORDER BY f.oid), pg_catalog.array_agg(f.lanname = 'sql' ORDER BY f.oid)
        FROM objects JOIN pg_catalog.pg_depend d ON d.classid = objects.catalog AND d.objid = objects.oid AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
        JOIN functions f ON f.oid = d.refobjid GROUP BY objects.name ORDER BY 1
        """;

    private sealed record Candidate(string Name, string? Row, string? Expressions, string[] Functions, bool[] AreSql);

    /// <summary>
    /// Finds them in the transaction of a session with the safe search_path. Expressions are planned and bodies of SQL functions are parsed; no function is
    /// called, so run-time lookups of other languages are not found.
    /// </summary>
    public static async Task<PathDependence> ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var paths = await SearchPath.ReadAsync(connection, ct);
        var major = connection.PostgreSqlVersion.Major;
        var candidates = await connection.ListAsync(Candidates(major), r => new Candidate(r.GetString(0), r.Text(1), r.Text(2), r.GetFieldValue<string[]>(3), r.GetFieldValue<bool[]>(4)), ct);
        var found = new List<(Candidate Object, string Function, string Error)>();
        if (candidates.Count > 0)
            await connection.ExecuteAsync("SET LOCAL check_function_bodies = on", ct);
        foreach (var candidate in candidates)
        {
            if (await ErrorAsync(connection, candidate, SearchPath.Safe, ct) is { } error)
                found.Add((candidate, await FunctionAsync(connection, candidate, error, major, ct), error.MessageText));
        }

        if (found.Count == 0)
            return new PathDependence(paths, [], []);
        var failing = new Dictionary<string, int>();
        foreach (var path in paths)
        {
            foreach (var (candidate, _, _) in found)
                failing[path] = failing.GetValueOrDefault(path) + (await ErrorAsync(connection, candidate, path, ct) is null ? 0 : 1);
        }

        paths = [.. paths.OrderBy(p => failing[p])];
        return new PathDependence(paths, [.. found.Select(f => f.Object.Name)], [.. found.GroupBy(f => f.Function).Select(g => Words(g.Key, [.. g.Select(f => f.Object.Name)], g.First().Error, paths[0]))]);
    }

    private static string Words(string function, IReadOnlyList<string> objects, string error, string path)
    {
        var names = string.Join(", ", objects.Take(MostObjects)) + (objects.Count > MostObjects ? $" and {objects.Count - MostObjects:N0} more" : "");
        return $"pg_restore cannot restore {names}: function {function} depends on search_path, which is empty during a restore ({error}); "
            + $"ALTER FUNCTION {function} SET search_path = {path}; then back up again";
    }

    /// <summary>The function that raised the error, also if another function calls it.</summary>
    private static async Task<string> FunctionAsync(NpgsqlConnection connection, Candidate candidate, PostgresException error, int major, CancellationToken ct)
    {
        if (error.Where is null || ContextPattern().Match(error.Where) is not { Success: true } context)
            return candidate.Functions[0];
        var named = await connection.ListAsync($"SELECT f.oid::pg_catalog.regprocedure::pg_catalog.text FROM ({Functions(major)}) AS f WHERE f.proname = $1 ORDER BY 1", r => r.GetString(0), ct, context.Groups[1].Value);
        return named.Find(candidate.Functions.Contains) ?? named.FirstOrDefault() ?? candidate.Functions[0];
    }

    /// <summary>The error with this search_path; null: no error, or an unrelated error.</summary>
    private static async Task<PostgresException?> ErrorAsync(NpgsqlConnection connection, Candidate candidate, string path, CancellationToken ct)
    {
        await connection.ExecuteAsync($"SAVEPOINT {Point}", ct);
        try
        {
            await connection.ExecuteAsync("SELECT pg_catalog.set_config('search_path', $1, true)", ct, path);
            // Not from the table itself: the planner would inspect its other indexes too.
            if (candidate is { Expressions: { } expressions, Row: { } row })
                await connection.ExecuteAsync($"EXPLAIN SELECT {expressions} FROM (SELECT {row}", ct);
            foreach (var (function, isSql) in candidate.Functions.Zip(candidate.AreSql).Where(f => f.Second))
                await connection.ExecuteAsync("SELECT pg_catalog.fmgr_sql_validator(pg_catalog.to_regprocedure($1)::pg_catalog.oid)", ct, function);
            return null;
        }
        catch (PostgresException e) when (SearchPath.IsMissing(e))
        {
            return e;
        }
        catch (PostgresException e) when (e.SqlState != PostgresErrorCodes.LockNotAvailable)
        {
            return null;
        }
        finally
        {
            await connection.ExecuteAsync($"ROLLBACK TO SAVEPOINT {Point}; RELEASE SAVEPOINT {Point}", ct);
        }
    }

    [GeneratedRegex("\\ASQL function \"([^\\n]+)\"(?: (?:during|statement)|\\n|\\z)")]
    private static partial Regex ContextPattern();
}
