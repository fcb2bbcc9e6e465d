using System.Text.RegularExpressions;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Integration.Tests.Analysis.Peers;

/// <summary>
/// Runs an input on a real server and sees what it locks until its transaction ends, and which values are gone. What the input takes for granted (its tables, columns, constraints) is created as the
/// server's errors ask for it.
/// </summary>
internal sealed partial class PeerDatabase(PgServer pg)
{
    private const int MostRepairs = 40;

    private int created;

    /// <param name="Locked">Script and statement that hold a lock which blocks writes, on a relation that was there before.</param>
    /// <param name="NotRun">Why it could not be run; null where it was.</param>
    internal sealed record Seen(IReadOnlySet<(int Script, int Statement)> Locked, bool AreValuesGone, string? NotRun);

    /// <summary>A new database with these definitions and a few rows in each table.</summary>
    public async Task<DatabaseTarget> CreateAsync(IEnumerable<string> setup)
    {
        var target = await pg.CreateDatabaseAsync($"peer_{++created}");
        await using var connection = await target.OpenAsync(CancellationToken.None);
        foreach (var sql in setup)
            await ExecuteAsync(connection, sql);
        await FillAsync(connection);
        return target;
    }

    /// <summary>There are hundreds of them.</summary>
    public Task DropAsync(DatabaseTarget target)
    {
        NpgsqlConnection.ClearAllPools();
        return PgServer.ExecuteAsync(pg.Target, $"DROP DATABASE {SqlName.Quote(target.Database)} WITH (FORCE)");
    }

    /// <summary>Deploys a script, and puts a few rows into what it creates. What fails on rows is deployed without them.</summary>
    public static async Task DeployAsync(DatabaseTarget target, string script)
    {
        await using var connection = await target.OpenAsync(CancellationToken.None);
        foreach (var statement in SqlSplitter.Split(script))
        {
            try
            {
                await ExecuteAsync(connection, statement.Text);
            }
            catch (PostgresException e) when (e.SqlState.StartsWith("23", StringComparison.Ordinal))
            {
                await ExecuteAsync(connection, "DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP EXECUTE 'TRUNCATE ' || t || ' CASCADE'; END LOOP; END $$");
                await ExecuteAsync(connection, statement.Text);
            }
        }

        await FillAsync(connection);
    }

    /// <param name="isOneTransaction">Each script runs in one, as most tools do; else each statement does.</param>
    public async Task<Seen> RunAsync(PeerInput input, bool isOneTransaction)
    {
        var setup = new List<string>();
        if (input.Given is { } given)
            setup.Add(given);
        var ignored = new HashSet<string>(StringComparer.Ordinal);
        for (var repairs = 0; ; repairs++)
        {
            var target = await CreateAsync(setup);
            try
            {
                return await TryAsync(target, input, isOneTransaction, ignored);
            }
            catch (StatementFailedException e)
            {
                // With IF EXISTS it is no error, and nothing is seen.
                if (e.IsSkipped && (Repair(e, setup) is not { } skipped || setup.Contains(skipped)))
                {
                    ignored.Add(e.Message);
                    continue;
                }

                if (repairs == MostRepairs || Repair(e, setup) is not { } repair || setup.Contains(repair))
                    return new Seen(new HashSet<(int, int)>(), false, e.Message);
                setup.Add(repair);
            }
            catch (PostgresException e)
            {
                return new Seen(new HashSet<(int, int)>(), false, $"its set-up: {e.MessageText}");
            }
            finally
            {
                await DropAsync(target);
            }
        }
    }

    private static async Task<Seen> TryAsync(DatabaseTarget target, PeerInput input, bool isOneTransaction, HashSet<string> ignored)
    {
        await using var own = await target.OpenAsync(CancellationToken.None);
        await using var other = await target.OpenAsync(CancellationToken.None);
        var (pid, notices) = (own.ProcessID, new List<string>());
        own.Notice += (_, e) => notices.Add(e.Notice.MessageText);
        const string OldSql = "SELECT oid FROM pg_class WHERE relkind IN ('r', 'p', 'm', 'i', 'I') AND relnamespace <> 'pg_catalog'::regnamespace AND relnamespace <> 'pg_toast'::regnamespace";
        var (locked, areGone) = (new HashSet<(int, int)>(), false);
        for (var script = 0; script < input.Scripts.Count; script++)
        {
            if (script > 0)
                await FillAsync(other);
            var old = await other.ListAsync(OldSql, r => (long)r.GetFieldValue<uint>(0), CancellationToken.None);
            var before = await ValuesAsync(other);
            var isInOwn = false;
            await ExecuteAsync(own, "BEGIN");
            foreach (var statement in SqlSplitter.Split(input.Scripts[script]))
            {
                if (statement.StartsWith("begin") || statement.StartsWith("start"))
                {
                    isInOwn = true;
                    continue;
                }

                if (statement.StartsWith("commit") || statement.StartsWith("end") || statement.StartsWith("rollback"))
                {
                    isInOwn = false;
                    await ExecuteAsync(own, statement.StartsWith("rollback") ? "ROLLBACK" : "COMMIT");
                    await ExecuteAsync(own, "BEGIN");
                    continue;
                }

                if (await ExecuteAsync(own, other, statement))
                    locked.Add((script, statement.Ordinal));
                if (notices.Find(n => n.EndsWith("does not exist, skipping", StringComparison.Ordinal) && !ignored.Contains(n)) is { } skipped)
                    throw new StatementFailedException(skipped, statement.Text, isSkipped: true);
                const string Modes = "'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'";
                if (await other.ScalarAsync<long>($"SELECT count(*) FROM pg_locks WHERE pid = $1 AND granted AND mode IN ({Modes}) AND relation::bigint = ANY ($2)", CancellationToken.None, pid, (object)old.ToArray()) > 0)
                    locked.Add((script, statement.Ordinal));
                if (!isInOwn && !isOneTransaction)
                {
                    await ExecuteAsync(own, "COMMIT");
                    await ExecuteAsync(own, "BEGIN");
                }
            }

            await ExecuteAsync(own, isInOwn ? "ROLLBACK" : "COMMIT");
            var after = await ValuesAsync(other);
            areGone |= before.Any(b => !after.TryGetValue(b.Key, out var values) || values != b.Value);
        }

        return new Seen(locked, areGone, null);
    }

    /// <returns>It runs in no transaction, and waits for a writer.</returns>
    private static async Task<bool> ExecuteAsync(NpgsqlConnection connection, NpgsqlConnection writer, SqlStatement statement)
    {
        try
        {
            await ExecuteAsync(connection, statement.Text);
            return false;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ActiveSqlTransaction)
        {
            await ExecuteAsync(connection, "ROLLBACK");
            var waits = (statement.StartsWith("vacuum") || statement.StartsWith("cluster") || statement.StartsWith("reindex")) && await WaitsAsync(connection, writer, statement.Text);
            try
            {
                await ExecuteAsync(connection, statement.Text);
            }
            catch (PostgresException again)
            {
                throw new StatementFailedException(again.MessageText, statement.Text, isSkipped: false);
            }

            await ExecuteAsync(connection, "BEGIN");
            return waits;
        }
        catch (PostgresException e)
        {
            throw new StatementFailedException(e.MessageText, statement.Text, isSkipped: false);
        }
    }

    private static async Task<bool> WaitsAsync(NpgsqlConnection connection, NpgsqlConnection writer, string sql)
    {
        await ExecuteAsync(writer, "BEGIN; DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT oid FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace LOOP EXECUTE 'LOCK TABLE ' || t || ' IN ROW EXCLUSIVE MODE'; END LOOP; END $$");
        try
        {
            await ExecuteAsync(connection, "SET lock_timeout = '300ms'");
            await ExecuteAsync(connection, sql);
            return false;
        }
        catch (PostgresException e)
        {
            return e.SqlState == PostgresErrorCodes.LockNotAvailable;
        }
        finally
        {
            await ExecuteAsync(writer, "ROLLBACK");
            await ExecuteAsync(connection, "RESET lock_timeout");
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>By table and column.</summary>
    private static async Task<Dictionary<string, string>> ValuesAsync(NpgsqlConnection connection)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var columns = await connection.ListAsync(
            "SELECT format('%I.%I', n.nspname, c.relname), quote_ident(a.attname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND a.attnum > 0 AND NOT a.attisdropped AND (c.relkind <> 'm' OR c.relispopulated)",
            r => (Table: r.GetString(0), Column: r.GetString(1)), CancellationToken.None);
        foreach (var (table, column) in columns)
            values[$"{table}.{column}"] = await connection.ScalarAsync<string>($"SELECT coalesce(string_agg({column}::text, ',' ORDER BY {column}::text), '') FROM {table}", CancellationToken.None) ?? "";
        // A column without values has none to lose.
        return values.Where(v => v.Value.Length > 0).ToDictionary(StringComparer.Ordinal);
    }

    /// <summary>Two rows in each table, where the column takes a simple value.</summary>
    private static async Task FillAsync(NpgsqlConnection connection)
    {
        var tables = await connection.ListAsync(
            """
            SELECT format('%I.%I', n.nspname, c.relname), string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum), string_agg(CASE WHEN t.typcategory IN ('N', 'S') AND t.typname <> 'char' THEN '$i' WHEN t.typcategory = 'B' THEN 'true'
                WHEN t.typname IN ('json', 'jsonb') THEN '''{}''' WHEN t.typname = 'uuid' THEN 'gen_random_uuid()' WHEN t.typname ~ '^(date|timestamp)' THEN 'now()' ELSE 'DEFAULT' END, ', ' ORDER BY a.attnum)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
            WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' GROUP BY n.nspname, c.relname, c.oid ORDER BY c.oid
            """, r => (Table: r.GetString(0), Columns: r.GetString(1), Values: r.GetString(2)), CancellationToken.None);
        await ExecuteAsync(connection, "SET session_replication_role = replica");
        foreach (var (table, columns, values) in tables)
        {
            try
            {
                foreach (var i in new[] { "1", "2" })
                    await ExecuteAsync(connection, $"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE VALUES ({values.Replace("$i", i, StringComparison.Ordinal)})");
            }
            catch (PostgresException)
            {
                // A table that takes no such rows stays as it is.
            }
        }

        await ExecuteAsync(connection, "RESET session_replication_role");
    }

    /// <summary>What the error misses; null where that is not known.</summary>
    private static string? Repair(StatementFailedException failed, List<string> setup)
    {
        var (message, statement) = (failed.Message, failed.Statement);
        var table = TableOf().Match(statement) is { Success: true } named ? named.Groups[1].Value : null;
        if (message.Contains("referenced in foreign key constraint", StringComparison.Ordinal) && References().Match(statement) is { Success: true } references)
            table = references.Groups[1].Value;
        string Quoted(string name) => string.Join('.', name.Split('.').Select(SqlName.Quote));
        if (Missing().Match(message) is not { Success: true } missing)
            return Unmatched(message, statement);
        var name = missing.Groups["name"].Value;
        return missing.Groups["kind"].Value switch
        {
            "schema" => $"CREATE SCHEMA {Quoted(name)}",
            "relation" or "table" or "view" when statement.Contains("index", StringComparison.OrdinalIgnoreCase) && IndexOf().IsMatch(statement) => Index(name, null, setup),
            "relation" or "table" => $"CREATE TABLE {Quoted(name)} (id int PRIMARY KEY)",
            "view" => $"CREATE VIEW {Quoted(name)} AS SELECT 1 AS id",
            "materialized view" => $"CREATE MATERIALIZED VIEW {Quoted(name)} AS SELECT 1 AS id",
            "column" when missing.Groups["of"].Success || table is not null => $"ALTER TABLE {(missing.Groups["of"].Success ? Quoted(missing.Groups["of"].Value) : table)} ADD COLUMN {SqlName.Quote(name.Split('.')[^1])} {(name.EndsWith("id", StringComparison.Ordinal) || Regex.IsMatch(statement, Regex.Escape(name) + "\"?\\s*[<>]") ? "int" : "text")}",
            "constraint" when missing.Groups["of"].Success => $"ALTER TABLE {Quoted(missing.Groups["of"].Value)} ADD CONSTRAINT {SqlName.Quote(name)} CHECK (id IS NOT NULL) NOT VALID",
            "index" => Index(name, table, setup),
            "type" => $"CREATE TYPE {Quoted(name)} AS ENUM ('a', 'b')",
            "sequence" => $"CREATE SEQUENCE {Quoted(name)}",
            "role" => null,
            _ => null,
        };
    }

    private static string? Unmatched(string message, string statement)
    {
        if (SecondKey().Match(message) is { Success: true } second)
            return $"ALTER TABLE {SqlName.Quote(second.Groups[1].Value)} DROP CONSTRAINT {SqlName.Quote(second.Groups[1].Value + "_pkey")}";
        if (NoUnique().Match(message) is { Success: true } unique && Referenced().Match(statement) is { Success: true } referenced)
            return $"ALTER TABLE {SqlName.Quote(unique.Groups[1].Value)} ADD UNIQUE ({referenced.Groups[1].Value})";
        if (Incompatible().Match(message) is { Success: true } types && TableOf().Match(statement) is { Success: true } table)
            return $"ALTER TABLE {table.Groups[1].Value} ALTER COLUMN {SqlName.Quote(types.Groups[1].Value)} TYPE {types.Groups[2].Value} USING NULL";
        return null;
    }

    private static string Index(string name, string? table, List<string> setup)
    {
        var on = table ?? setup.Select(s => Created().Match(s)).FirstOrDefault(m => m.Success)?.Groups[1].Value;
        if (on is null)
            return "CREATE TABLE indexed (id int PRIMARY KEY)";
        return $"CREATE UNIQUE INDEX {SqlName.Quote(name.Split('.')[^1])} ON {on} (id)";
    }

    private sealed class StatementFailedException(string message, string statement, bool isSkipped) : Exception(message)
    {
        public string Statement => statement;

        /// <summary>It is a notice, of a statement with IF EXISTS.</summary>
        public bool IsSkipped => isSkipped;
    }

    [GeneratedRegex("""^(?<kind>[a-z ]+) "(?<name>[^"]+)"(?: of relation "(?<of>[^"]+)"| of table "(?<of>[^"]+)")?(?: named in key| referenced in foreign key constraint)? does not exist|^(?<kind>column) (?<name>[^" ]+) does not exist|^(?<kind>constraint) "(?<name>[^"]+)" for table "(?<of>[^"]+)" does not exist""")]
    private static partial Regex Missing();

    [GeneratedRegex("""(?:TABLE|\bON|UPDATE|INTO|FROM)\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?("?[\w.]+"?(?:\."?\w+"?)?)""", RegexOptions.IgnoreCase)]
    private static partial Regex TableOf();

    [GeneratedRegex(@"^\s*(ALTER|DROP|REINDEX)\s+(\(.*?\)\s+)?INDEX", RegexOptions.IgnoreCase)]
    private static partial Regex IndexOf();

    [GeneratedRegex("""multiple primary keys for table "([^"]+)""")]
    private static partial Regex SecondKey();

    [GeneratedRegex("""REFERENCES\s+("?[\w.]+"?)""", RegexOptions.IgnoreCase)]
    private static partial Regex References();

    [GeneratedRegex("""no unique constraint matching given keys for referenced table "([^"]+)""")]
    private static partial Regex NoUnique();

    [GeneratedRegex(@"REFERENCES\s+\S+\s*\(([^)]*)\)", RegexOptions.IgnoreCase)]
    private static partial Regex Referenced();

    [GeneratedRegex("""Key columns "([^"]+)" and "[^"]+" are of incompatible types: \w+ and (\w+)""")]
    private static partial Regex Incompatible();

    [GeneratedRegex(@"^CREATE TABLE (\S+)")]
    private static partial Regex Created();
}
