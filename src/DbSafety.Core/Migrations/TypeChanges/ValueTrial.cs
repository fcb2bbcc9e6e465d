using System.Text.Json;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.TypeChanges;

/// <summary>The number of values that fail or change, and examples.</summary>
internal sealed record TriedValues(long Count, IReadOnlyList<string> Examples);

/// <summary>
/// Tries a conversion on the values of a table. All are tried at once; only if one of them raises an error are they tried one by one.
/// </summary>
internal static class ValueTrial
{
    private const int MostExamples = 3, LongestExample = 40;

    /// <summary>
    /// The errors of a value that cannot be converted: data exceptions, a domain's constraints, unknown names (regclass), and unsupported features. PL/pgSQL identifies these classes by their first code.
    /// </summary>
    private const string Errors = "data_exception OR integrity_constraint_violation OR syntax_error_or_access_rule_violation OR undefined_table OR undefined_object OR undefined_function OR feature_not_supported OR program_limit_exceeded";

    public static bool IsOfValue(PostgresException e) =>
        e.SqlState is not PostgresErrorCodes.InsufficientPrivilege && e.SqlState[..2] is "22" or "23" or "42" or "0A" or "54" or "3F" or "2F" or "2B";

    /// <summary>The values that cannot be converted.</summary>
    public static async Task<TriedValues> FailingAsync(NpgsqlTransaction transaction, LiveTable table, string column, TypeChangePlan plan, CancellationToken ct) =>
        await TryAllAsync(transaction, TrySql(table, plan), ct) is not null ? new TriedValues(0, [])
            : await OneByOneAsync(transaction, table, column, plan, isOfFailing: true, ct);

    /// <summary>The values that can be converted but are different when they are converted back.</summary>
    public static async Task<TriedValues> ChangedAsync(NpgsqlTransaction transaction, LiveTable table, string column, TypeChangePlan plan, CancellationToken ct)
    {
        // A value that fails only when it is stored is not lost.
        if ((plan.Tried != plan.Converted && await TryAllAsync(transaction, TrySql(table, plan), ct) is null) || await TryAllAsync(transaction, CountSql(table.Sql, column, plan), ct) is not { } count)
            return await OneByOneAsync(transaction, table, column, plan, isOfFailing: false, ct);
        if (count == 0)
            return new TriedValues(0, []);
        var examples = await transaction.Connection!.ListAsync(
            $"SELECT {Example(await KeyAsync(transaction.Connection!, table, ct), column, plan.Converted)} FROM {table.Sql} WHERE {column} IS NOT NULL AND {plan.Differs} LIMIT {MostExamples}", r => r.GetString(0), ct);
        return new TriedValues(count, examples);
    }

    /// <param name="from">The FROM clause.</param>
    /// <param name="column">Quoted.</param>
    public static string CountSql(string from, string column, TypeChangePlan plan) => $"SELECT pg_catalog.count(*) FROM {from} WHERE {column} IS NOT NULL AND {plan.Differs}";

    private static string TrySql(LiveTable table, TypeChangePlan plan) => $"SELECT pg_catalog.count({plan.Tried}) FROM {table.Sql}";

    private static async Task<long?> TryAllAsync(NpgsqlTransaction transaction, string sql, CancellationToken ct)
    {
        await transaction.SaveAsync("conversion", ct);
        try
        {
            return await transaction.Connection!.ScalarAsync<long>(sql, ct);
        }
        catch (PostgresException e) when (IsOfValue(e))
        {
            await transaction.RollbackAsync("conversion", ct);
            return null;
        }
    }

    /// <summary>Only PL/pgSQL can catch an error row by row; it returns the result as a setting of the transaction.</summary>
    private static async Task<TriedValues> OneByOneAsync(NpgsqlTransaction transaction, LiveTable table, string column, TypeChangePlan plan, bool isOfFailing, CancellationToken ct)
    {
        var connection = transaction.Connection!;
        var key = await KeyAsync(connection, table, ct);
        var row = $"FROM (SELECT dbsafety_row.*) AS {SqlName.Quote(table.Name)}";
        var body = isOfFailing
            ? $"""
                BEGIN
                    PERFORM ({plan.Tried}) {row};
                    dbsafety_found := false;
                EXCEPTION WHEN {Errors} THEN
                    dbsafety_found := true;
                END;
                IF dbsafety_found THEN
                    SELECT {Example(key, column, null)} {row} INTO dbsafety_example;
                END IF;
              """
            : $"""
                BEGIN
                    PERFORM ({plan.Tried}) {row};
                EXCEPTION WHEN {Errors} THEN
                    CONTINUE;
                END;
                SELECT {Example(key, column, plan.Converted)} {row} INTO dbsafety_example;
                BEGIN
                    SELECT {plan.Differs} {row} INTO dbsafety_found;
                EXCEPTION WHEN {Errors} THEN
                    dbsafety_found := true;
                END;
              """;
        await connection.ExecuteAsync("DO " + SqlName.Literal(
            $"""
            DECLARE
                dbsafety_row {table.Sql}%ROWTYPE;
                dbsafety_found boolean;
                dbsafety_count bigint := 0;
                dbsafety_example text;
                dbsafety_examples text[] := ARRAY[]::text[];
            BEGIN
                FOR dbsafety_row IN SELECT * FROM {table.Sql} WHERE {column} IS NOT NULL OR {(isOfFailing ? "true" : "false")} LOOP
                    {body}
                    IF dbsafety_found THEN
                        dbsafety_count := dbsafety_count + 1;
                        IF dbsafety_count <= {MostExamples} THEN
                            dbsafety_examples := dbsafety_examples || dbsafety_example;
                        END IF;
                    END IF;
                END LOOP;
                PERFORM pg_catalog.set_config('dbsafety.values', pg_catalog.to_json(dbsafety_examples)::text, true), pg_catalog.set_config('dbsafety.count', dbsafety_count::text, true);
            END
            """), ct);
        var found = (await connection.ListAsync("SELECT pg_catalog.current_setting('dbsafety.count')::bigint, pg_catalog.current_setting('dbsafety.values')", r => (r.GetInt64(0), r.GetString(1)), ct))[0];
        return new TriedValues(found.Item1, JsonSerializer.Deserialize<List<string>>(found.Item2)!);
    }

    /// <summary><c>'abc' (id 17)</c>, or with what it becomes: <c>'12.75' (id 17) becomes '13'</c>.</summary>
    private static string Example(IReadOnlyList<string> key, string column, string? converted)
    {
        var id = string.Concat(key.Select((k, i) => $" || {SqlName.Literal((i == 0 ? " (" : ", ") + SqlName.Display(k) + " ")} || {SqlName.Quote(k)}::pg_catalog.text")) + (key.Count == 0 ? "" : " || ')'");
        return $"{Quoted(column)}{id}" + (converted is null ? "" : $" || ' becomes ' || {Quoted(converted)}");
    }

    private static string Quoted(string value) =>
        $"coalesce('''' || CASE WHEN pg_catalog.length(({value})::pg_catalog.text) > {LongestExample} THEN pg_catalog.left(({value})::pg_catalog.text, {LongestExample}) || '...' ELSE ({value})::pg_catalog.text END || '''', 'NULL')";

    /// <summary>The columns of the primary key, if any.</summary>
    private static async Task<IReadOnlyList<string>> KeyAsync(NpgsqlConnection connection, LiveTable table, CancellationToken ct) =>
        await connection.ListAsync(
            "SELECT a.attname FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) WHERE c.conrelid = $1::oid AND c.contype = 'p' ORDER BY pg_catalog.array_position(c.conkey, a.attnum)",
            r => r.GetString(0), ct, (long)table.Oid);
}
