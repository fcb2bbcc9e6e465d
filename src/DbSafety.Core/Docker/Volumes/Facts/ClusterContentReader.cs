using System.Globalization;
using DbSafety.Docker.Engine.Models.Containers;

namespace DbSafety.Docker.Volumes.Facts;

/// <summary>Queries a running cluster with psql in its container: its databases and tables, and whether its recorded collation versions are those of the library.</summary>
internal sealed class ClusterContentReader(Func<string[], CancellationToken, Task<ExecResult?>> exec)
{
    private const int MostDatabases = 50;
    private const string Databases = "SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname";

    private const string Tables = """
        SELECT 't', count(*)::text, '', '' FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
        """;

    /// <summary>Collations that an index sorts by (https://www.postgresql.org/docs/current/sql-altercollation.html).</summary>
    private const string Collations = """
        SELECT 'c', quote_ident(collname), collversion, pg_collation_actual_version(oid) FROM pg_catalog.pg_collation
         WHERE collversion <> pg_collation_actual_version(oid) AND EXISTS (SELECT FROM pg_catalog.pg_index i WHERE pg_collation.oid = ANY (i.indcollation))
        """;

    /// <summary>PostgreSQL 15 and later.</summary>
    private const string OwnCollation = """
        SELECT 'd', '', datcollversion, pg_database_collation_actual_version(oid) FROM pg_catalog.pg_database
         WHERE datname = current_database() AND datcollversion <> pg_database_collation_actual_version(oid)
        """;

    /// <summary>Null when it could not be queried.</summary>
    public async Task<ClusterContent?> ReadAsync(string user, int? major, CancellationToken ct)
    {
        if (await RowsAsync(user, "postgres", Databases, ct) is not { } databases)
            return null;
        var (tables, stale) = (0L, new List<StaleCollation>());
        foreach (var name in databases.Select(d => d[0]).Take(MostDatabases))
        {
            var query = string.Join(" UNION ALL ", major >= 15 ? [Tables, Collations, OwnCollation] : (string[])[Tables, Collations]);
            if (await RowsAsync(user, name, query, ct) is not { } rows)
                return null;
            tables += rows.Where(r => r[0] == "t").Sum(r => long.Parse(r[1], CultureInfo.InvariantCulture));
            stale.AddRange(rows.Where(r => r[0] != "t").Select(r => new StaleCollation(name, r[0] == "d" ? null : r[1], r[2], r[3])));
        }

        return new ClusterContent(tables, stale);
    }

    /// <summary>Fields and records end in control characters, because a name can contain any other character.</summary>
    private async Task<List<string[]>?> RowsAsync(string user, string database, string query, CancellationToken ct)
    {
        var name = "dbname='" + database.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";
        var result = await exec(["psql", "-XAtqw", "-F", "\u001f", "-R", "\u001e", "-U", user, "-d", name, "-c", query], ct);
        return result?.Output.TrimEnd('\n').Split('\u001e', StringSplitOptions.RemoveEmptyEntries).Select(r => r.Split('\u001f')).ToList();
    }
}
