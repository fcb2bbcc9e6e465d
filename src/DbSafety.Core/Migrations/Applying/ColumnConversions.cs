using System.Globalization;
using System.Text.RegularExpressions;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Applying.Scripts;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>A column whose type a transaction has changed, although no statement of the script shows it.</summary>
internal sealed record HiddenConversion(uint Table, short Number, string Schema, string Name, string Column, uint Type, int Modifier, string From, string To)
{
    public string Display => $"{new RelationName(Schema, Name).Display("public")}.{SqlName.Display(Column)}";
}

/// <summary>
/// Type changes that no statement shows. A type that can represent every value is not a loss. For other types, the values are hashed (as text) under a lock
/// before the script runs, and again afterwards, converted back.
/// </summary>
internal sealed partial class ColumnConversions(NpgsqlConnection connection, NpgsqlConnection observer)
{
    private const string ColumnsSql =
        """
        SELECT a.attrelid, a.attnum, n.nspname, c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), c.relkind, a.atttypid, a.atttypmod, a.attinhcount > 0, a.attgenerated <> ''
        FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'c') AND c.oid >= 16384 AND n.nspname NOT LIKE 'pg\_%' AND n.nspname NOT IN ('information_schema', 'dbsafety')
        """;

    private readonly Dictionary<(uint Table, short Number), (string Sum, long Values)?> sums = [];

    /// <summary>Columns that could not be compared yet: their values must be hashed before the script runs.</summary>
    public IReadOnlyList<HiddenConversion> Unproven { get; private set; } = [];

    /// <summary>Columns whose values were allowed to be converted.</summary>
    public IReadOnlyList<UnexpectedLoss> Allowed { get; private set; } = [];

    /// <summary>Call it in the transaction, before the script.</summary>
    public async Task NoteAsync(IEnumerable<HiddenConversion> conversions, CancellationToken ct)
    {
        foreach (var conversion in conversions)
        {
            await connection.ExecuteAsync($"LOCK TABLE ONLY {SqlName.Quote(conversion.Schema, conversion.Name)} IN ACCESS EXCLUSIVE MODE", ct);
            sums[(conversion.Table, conversion.Number)] = await SumAsync(conversion.Schema, conversion.Name, SqlName.Quote(conversion.Column), ct);
        }
    }

    /// <param name="visible">What the script's own statements convert is judged by the safety check.</param>
    /// <param name="rewritten">Tables that were rewritten, although no statement shows it, and whose rows were not written otherwise: ALTER TYPE … USING can change each value, for any type.</param>
    public async Task<IReadOnlyList<UnexpectedLoss>> FindAsync(Coverage coverage, VisibleStatements visible, IReadOnlySet<uint> rewritten, CancellationToken ct)
    {
        var (before, after) = (await ReadAsync(observer, ct), (await ReadAsync(connection, ct)).ToDictionary(c => (c.Table, c.Number)));
        var types = after.Values.Where(c => c.Kind == 'c').Select(c => c.Table).ToHashSet();
        var (losses, allowed, unproven) = (new List<UnexpectedLoss>(), new List<UnexpectedLoss>(), new List<HiddenConversion>());
        foreach (var column in before)
        {
            var kept = after.TryGetValue((column.Table, column.Number), out var now);
            if (column.Kind == 'c')
            {
                if (!coverage.IsNamed($"drop-attribute:{column.Display}") && (!kept || !now!.IsOf(column)) && !visible.ChangesType(column.Schema, column.Name, column.Column) && (types.Contains(column.Table) || await IsUsedAsync(column.Table, ct)))
                    losses.Add(new UnexpectedLoss($"drop-attribute:{column.Display}", $"attribute {column.Display} would be {(kept ? "converted" : "dropped, with its values in every column of that type")}"));
            }
            else if (kept && column.Kind == 'r' && MayDiffer(column, now!, rewritten) && !visible.ChangesType(column.Schema, column.Named, column.Column) && !visible.ChangesType(now!.Schema, now.Named, now.Column))
            {
                var conversion = new HiddenConversion(column.Table, column.Number, column.Schema, column.Name, column.Column, column.TypeOid, column.Modifier, column.Type, now.Type);
                if (coverage.Column(column.Table, column.Column, ColumnLoss.Converted))
                    allowed.Add(Loss(conversion, isSame: now.IsOf(column)));
                else if (await JudgeAsync(conversion, now, now.IsOf(column), unproven, ct) is { } loss)
                    losses.Add(loss);
            }
        }

        (Unproven, Allowed) = (unproven, allowed);
        return losses;
    }

    /// <summary>A type into which every value fits changes none of them, unless the rows were rewritten.</summary>
    private static bool MayDiffer(ColumnType column, ColumnType now, IReadOnlySet<uint> rewritten) =>
        rewritten.Contains(column.Table) ? !column.IsComputed : !now.IsOf(column) && !IsWider(column.Type, now.Type);

    private static UnexpectedLoss Loss(HiddenConversion conversion, bool isSame) =>
        new($"lossy-type-change:{conversion.Display}", isSame ? $"the values of {conversion.Display} would be rewritten" : $"{conversion.Display} would be converted from {conversion.From} to {conversion.To}")
        {
            Table = conversion.Table, Column = (conversion.Schema, conversion.Name, conversion.Column), IsUncounted = true,
        };

    private async Task<UnexpectedLoss?> JudgeAsync(HiddenConversion conversion, ColumnType now, bool isSame, List<HiddenConversion> unproven, CancellationToken ct)
    {
        var loss = Loss(conversion, isSame);
        if (!sums.TryGetValue((conversion.Table, conversion.Number), out var noted))
        {
            unproven.Add(conversion);
            return loss;
        }

        if (noted is not { } then)
            return loss;
        // The type may have been renamed.
        var from = await connection.ScalarAsync<string>("SELECT pg_catalog.format_type($1::oid, $2)", ct, (long)conversion.Type, conversion.Modifier);
        var left = await SumAsync(now.Schema, now.Name, $"{SqlName.Quote(now.Column)}::{from}", ct);
        // If all of them became NULL, only that is reported.
        return left == then || (isSame && left is { Values: 0 }) ? null
            : loss with { IsUncounted = false, Text = string.Create(CultureInfo.InvariantCulture, $"{loss.Text}: the {then.Values:N0} previous values would be changed") };
    }

    /// <summary>Null: not possible, for example because values cannot be converted.</summary>
    private async Task<(string Sum, long Values)?> SumAsync(string schema, string table, string value, CancellationToken ct)
    {
        await connection.ExecuteAsync("SAVEPOINT dbsafety_values", ct);
        try
        {
            return (await connection.ListAsync(
                $"SELECT coalesce(sum(hashtext(v)::numeric), 0)::text || ' ' || coalesce(sum(hashtext('~' || v)::numeric), 0)::text, count(v) FROM (SELECT ({value})::text AS v FROM ONLY {SqlName.Quote(schema, table)}) AS t",
                r => (r.GetString(0), r.GetInt64(1)), ct))[0];
        }
        catch (PostgresException e) when (PgSession.IsOfTheStatement(e))
        {
            ct.ThrowIfCancellationRequested();
            return null;
        }
        finally
        {
            if (connection.State == System.Data.ConnectionState.Open)
                await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT dbsafety_values; RELEASE SAVEPOINT dbsafety_values", CancellationToken.None);
        }
    }

    /// <summary>Still exists, without attributes.</summary>
    private Task<bool> IsUsedAsync(uint type, CancellationToken ct) =>
        connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid = $1::oid)", ct, (long)type);

    /// <summary>Every value of the first type is a value of the second.</summary>
    private static bool IsWider(string from, string to)
    {
        if (to is "text" or "character varying")
            return true;
        var wider = from switch
        {
            "smallint" => to is "integer" or "bigint" or "numeric",
            "integer" => to is "bigint" or "numeric",
            "bigint" => to is "numeric",
            "real" => to is "double precision",
            _ => false,
        };
        if (wider)
            return true;
        var (a, b) = (Sized().Match(from), Sized().Match(to));
        if (a.Success && b.Success && a.Groups[1].Value == b.Groups[1].Value)
        {
            var (length, scale, newLength, newScale) = (Number(a.Groups[2]), Number(a.Groups[3]), Number(b.Groups[2]), Number(b.Groups[3]));
            return newScale >= scale && newLength - newScale >= length - scale;
        }

        return a.Success && a.Groups[1].Value == to && to == "numeric";
    }

    private static int Number(Group group) => group.Success ? int.Parse(group.Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"\A(character varying|numeric|character|bit varying)\((\d+)(?:,(\d+))?\)\z")]
    private static partial Regex Sized();

    private static Task<List<ColumnType>> ReadAsync(NpgsqlConnection connection, CancellationToken ct) =>
        connection.ListAsync(ColumnsSql, r => new ColumnType(r.GetFieldValue<uint>(0), r.GetInt16(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetString(5), r.GetChar(6), r.GetFieldValue<uint>(7), r.GetInt32(8), r.GetBoolean(9), r.GetBoolean(10)), ct);

    private sealed record ColumnType(uint Table, short Number, string Schema, string Name, string Column, string Type, char Kind, uint TypeOid, int Modifier, bool IsInherited, bool IsComputed)
    {
        public string Display => $"{new RelationName(Schema, Name).Display("public")}.{SqlName.Display(Column)}";

        /// <summary>The table that a statement would name; null: a table from which this one inherits.</summary>
        public string? Named => IsInherited ? null : Name;

        public bool IsOf(ColumnType other) => (TypeOid, Modifier) == (other.TypeOid, other.Modifier);
    }
}
