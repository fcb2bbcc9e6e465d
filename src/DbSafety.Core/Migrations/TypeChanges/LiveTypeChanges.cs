using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.TypeChanges;

/// <summary>Determines the effect of a type change in the live database. Values are converted only by built-in casts and by code that only computes.</summary>
internal static class LiveTypeChanges
{
    public static async Task<LiveAnswer> AnswerAsync(NpgsqlTransaction transaction, LiveTable table, LiveQuestion question, CancellationToken ct)
    {
        var column = SqlName.Quote(question.Column!);
        if (question is { Kind: LiveFactKind.Changed, TypeChange: { IsEnumIfMissing: true, Type: var type } } && await transaction.Connection!.ScalarAsync<bool>("SELECT pg_catalog.to_regtype($1) IS NULL", ct, type))
            return new LiveAnswer(true, 0);
        // For a foreign table, only its definition changes.
        if (table.Kind == 'f' || question.TypeChange is not { } change || await TypeChangePlan.ReadAsync(transaction.Connection!, table, question.Column!, change, table.Sql, column, ct) is not { } plan)
            return new LiveAnswer(true, null);
        // Its type at that time is not the one that the catalog shows now.
        if ((change.IsRetyped && question.Kind == LiveFactKind.Rewritten) || ((change.IsRetyped || change.InBody) && plan.RefusedBecause is not null))
            return new LiveAnswer(true, null);
        if (plan.RefusedBecause is { } reason)
            return new LiveAnswer(true, null) { Conversion = new LiveConversion { RefusedBecause = reason, Using = plan.Using } };
        if (question.Kind == LiveFactKind.Rewritten)
            return await StoredAsync(transaction.Connection!, table, question.Column!, change, plan.IsStoredAlike, plan.Old, plan.New, ct);
        if (!await SafeCount.IsSafeAsync(transaction, $"SELECT {plan.Tried}, {plan.Converted}, {plan.Differs}, {column}::pg_catalog.text FROM {table.Sql}", withOwn: true, ct))
            return new LiveAnswer(true, null);
        var values = question.Kind == LiveFactKind.Unconvertible ? await ValueTrial.FailingAsync(transaction, table, column, plan, ct) : await ValueTrial.ChangedAsync(transaction, table, column, plan, ct);
        return new LiveAnswer(true, values.Count) { Conversion = new LiveConversion { Examples = values.Examples } };
    }

    /// <summary>For a column whose type an earlier statement has created or changed: the types determine whether the rows are rewritten.</summary>
    public static async Task<LiveAnswer> OfGivenAsync(NpgsqlConnection connection, LiveTable table, LiveQuestion question, CancellationToken ct)
    {
        var change = question.TypeChange!;
        if (change.Casts is null)
            return new LiveAnswer(true, null) { Conversion = new LiveConversion() };
        var types = new TypeCatalog(connection);
        var old = await types.ReadAsync(change.From!, ct);
        List<CatalogType> steps = [];
        foreach (var cast in change.Casts.Append(change.Type))
            steps.Add(await types.ReadAsync(cast, ct));
        var isAlike = await new StoredForm(connection, new CastPaths(connection, types)).IsKeptAsync(old, steps, change.IsZoneKnown, ct);
        return await StoredAsync(connection, table, question.Column!, change, isAlike, old, steps[^1], ct);
    }

    private static async Task<LiveAnswer> StoredAsync(NpgsqlConnection connection, LiveTable table, string column, LiveTypeChange change, bool isAlike, CatalogType from, CatalogType to, CancellationToken ct)
    {
        if (!isAlike || change.HasNewObjects)
            return new LiveAnswer(true, null) { Conversion = new LiveConversion() };
        var (indexes, constraints) = await DependentObjects.FindAsync(connection, table.Oid, column, from, to, ct);
        return new LiveAnswer(true, null) { Conversion = new LiveConversion { IsStoredAlike = true, Rebuilt = indexes, Checked = constraints, IsReadAgain = change.Collates } };
    }
}
