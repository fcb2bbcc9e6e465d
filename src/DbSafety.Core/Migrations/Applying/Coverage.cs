using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Live;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.TypeChanges;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>The expected and allowed losses, by the oids of the database before the first migration.</summary>
internal sealed class Coverage
{
    private readonly Dictionary<uint, RowLoss> rows = [];
    private readonly Dictionary<(uint Table, string Column), ColumnLoss> columns = [];
    private readonly HashSet<(uint Table, string Column)> harmless = [];
    private readonly HashSet<string> named = new(StringComparer.Ordinal);

    /// <summary>By the table that a DELETE names, how many rows it was allowed to delete; null: any number.</summary>
    private readonly Dictionary<uint, long?> most = [];

    /// <summary>The columns of tables whose values cannot be compared.</summary>
    public const string AnyColumn = "";

    /// <summary>Nothing may be lost.</summary>
    public static Coverage Nothing { get; } = new();

    /// <summary>All losses are allowed.</summary>
    public bool IsEverything { get; private init; }

    /// <summary>Statements that were accepted because a count showed that no data would be lost.</summary>
    public IReadOnlyList<HarmlessClaim> Claims { get; private init; } = [];

    /// <summary>The losses of tables that were allowed.</summary>
    public IReadOnlyList<HarmlessClaim> Allowed { get; private init; } = [];

    /// <summary>The table was allowed to lose its rows in this way.</summary>
    public bool Rows(uint table, RowLoss loss) => IsEverything || rows.GetValueOrDefault(table) >= loss;

    /// <summary>The column itself was allowed to lose its values in this way, not only the rows of its table; or its table was allowed to be dropped.</summary>
    public bool Column(uint table, string column, ColumnLoss loss) =>
        Rows(table, RowLoss.Dropped) || columns.GetValueOrDefault((table, column)) >= loss || columns.GetValueOrDefault((table, AnyColumn)) >= loss;

    /// <summary>How many rows may be deleted where they were counted by their condition; null: there is no such number.</summary>
    public long? MostRows(uint table) => most.GetValueOrDefault(table);

    /// <summary>For losses that are no table's: large objects, of which all or none are allowed, and attributes of types.</summary>
    /// <param name="allowAs">How the loss is allowed.</param>
    public bool IsNamed(string allowAs) => IsEverything || named.Contains(allowAs);

    /// <summary>A column without values, as counted before the first script.</summary>
    public bool IsHarmlessColumn(uint table, string column) => harmless.Contains((table, column));

    /// <summary>Claims about effects that no statement shows, found by the rehearsal.</summary>
    public IEnumerable<HarmlessClaim> Hidden => Claims.Where(c => c.Statement == 0);

    /// <summary>The claims about the statements of a script.</summary>
    public IReadOnlyList<HarmlessClaim> ClaimsOf(MigrationFile file) => [.. Claims.Where(c => c.Statement > 0 && c.File == file.RelativePath)];

    /// <summary>Those of this script, and those that no statement shows.</summary>
    public IReadOnlyList<HarmlessClaim> AllowedOf(MigrationFile file) => [.. Allowed.Where(c => c.Statement == 0 || c.File == file.RelativePath)];

    /// <param name="isExact">No other session writes to the database, or there was no rehearsal: a DELETE deletes exactly the rows that match its condition.</param>
    public static async Task<Coverage> ResolveAsync(NpgsqlConnection connection, Allowances allowed, bool isExact, CancellationToken ct)
    {
        var claims = new List<HarmlessClaim>();
        if (!allowed.All)
        {
            foreach (var finding in allowed.Harmless)
            {
                if (await HarmlessClaim.ResolveAsync(connection, finding, ct) is { } claim)
                    claims.Add(claim);
                else if (!finding.MayBeMissing)
                    throw HarmlessProof.Refusal(connection.Database, [finding.LoweredFrom ?? finding], "The counted table or column no longer exists. Nothing was changed.");
            }
        }

        var losses = new List<HarmlessClaim>();
        // If every loss is allowed, empty tables and columns are not counted again.
        foreach (var finding in allowed.All ? allowed.Findings.Concat(allowed.Harmless) : allowed.Findings)
            losses.AddRange(await HarmlessClaim.OfAllowedAsync(connection, finding, ct));

        var coverage = new Coverage { IsEverything = allowed.All, Claims = claims, Allowed = losses };
        coverage.named.UnionWith(allowed.Findings.Select(f => f.AllowAs));
        foreach (var finding in allowed.Findings)
            await coverage.AddAsync(connection, finding, ct);
        if (isExact)
            await coverage.LimitAsync(connection, allowed.Findings, ct);
        foreach (var claim in claims.Where(c => c is { Column: > 0, Question.Column: not null }))
            coverage.harmless.UnionWith((await ReachedAsync(connection, claim.Question, ct)).Select(t => (t.Oid, claim.Question.Column!)));
        return coverage;
    }

    /// <summary>Outside a transaction, no count is certain.</summary>
    /// <exception cref="DbSafetyException"><c>DBS421</c>.</exception>
    public void CheckNoClaims(string database, MigrationFile file)
    {
        var claims = ClaimsOf(file).Concat(Hidden).Where(c => c.Others is null || c.Finding.IsNameUncertain).Select(c => c.Destructive).ToList();
        if (claims.Count > 0)
            throw HarmlessProof.Refusal(database, claims, $"The safety check found no data to lose, but {file.Name} commits by itself, so the rows cannot be counted again under a lock.");
    }

    /// <summary>
    /// Counts again before the first script runs, without a lock: rows that were written during backup and rehearsal stop the run before anything is changed.
    /// Rows that are written later are detected in each transaction.
    /// </summary>
    /// <exception cref="DbSafetyException"><c>DBS421</c>.</exception>
    public async Task CheckStillHarmlessAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var losses = new List<MigrationFinding>();
        // This does not wait for a session that has locked a table: rows that it commits are detected under the lock.
        await connection.ExecuteAsync("BEGIN READ ONLY; SET LOCAL lock_timeout = '500ms'", ct);
        try
        {
            foreach (var claim in Claims)
            {
                // Tables that earlier statements move out of a schema are still in it.
                var reached = (await HarmlessCount.ReachedAsync(connection, claim, ct)).Where(t => claim.Question.Kind != LiveFactKind.SchemaRows || !claim.Question.Without.Any(w => w.Name == t.Name)).ToList();
                // If a claim cannot be counted, an earlier script may still have to create its object.
                var answer = await HarmlessCount.InSavepointAsync(connection, claim, reached, ct);
                if (answer.Count is not null && LiveJudgement.Judge(claim.Destructive, answer) is { Severity: FindingSeverity.Destructive } loss)
                    losses.Add(loss);
            }
        }
        finally
        {
            if (connection.State == System.Data.ConnectionState.Open)
                await connection.ExecuteAsync("ROLLBACK", CancellationToken.None);
        }

        if (losses.Count > 0)
            throw HarmlessProof.Refusal(connection.Database, losses, "Nothing was changed.");
    }

    /// <summary>Counts again the rows that match a condition: other sessions have written since the safety check.</summary>
    private async Task LimitAsync(NpgsqlConnection connection, IReadOnlyList<MigrationFinding> findings, CancellationToken ct)
    {
        foreach (var finding in findings.Where(f => AllowedLoss.OfRows(f.Rule) != RowLoss.None && f.Question is { } q && q.Column is null && q.Kind is LiveFactKind.Rows or LiveFactKind.RowsWhere or LiveFactKind.SchemaRows))
        {
            var question = finding.Question!;
            if (question.Kind == LiveFactKind.SchemaRows)
            {
                foreach (var table in await TableReach.InSchemaAsync(connection, question.Relation.Name, ct))
                    most[table.Oid] = null;
                continue;
            }

            if (await TableReach.FindAsync(connection, question.Relation, ct) is not { } named)
                continue;
            long? count = question is { Kind: LiveFactKind.RowsWhere, Proves: true, Condition: { } condition } && finding is { InBody: false, RunsAt: null } && finding.LiveFacts.TryGetValue("rows", out var shown)
                ? await CountAsync(connection, condition, shown, ct) : null;
            foreach (var reached in await TableReach.ReachedAsync(connection, named, question.Reach == LiveReach.DeleteCascades ? LiveReach.Children : question.Reach, ct))
            {
                var known = most.TryGetValue(reached.Oid, out var before);
                // How many of them are in each partition was not counted.
                most[reached.Oid] = reached.Oid != named.Oid ? null : known ? before + count : count;
            }
        }
    }

    private static async Task<long?> CountAsync(NpgsqlConnection connection, string condition, long shown, CancellationToken ct)
    {
        try
        {
            return Math.Max(shown, await connection.ScalarAsync<long>($"SELECT count(*) FROM {condition}", ct));
        }
        catch (PostgresException e) when (PgSession.IsOfTheStatement(e))
        {
            return null;
        }
    }

    private async Task AddAsync(NpgsqlConnection connection, MigrationFinding finding, CancellationToken ct)
    {
        if (finding.Question is not { } question)
            return;
        var (ofRows, ofColumn) = (AllowedLoss.OfRows(finding.Rule), AllowedLoss.OfColumn(finding.Rule));
        foreach (var reached in await ReachedAsync(connection, question, ct))
        {
            if (question.Overwrite is { } overwrite)
            {
                foreach (var nulled in overwrite.MayBeNull)
                    Add(columns, (reached.Oid, nulled), ColumnLoss.Nulled);
            }
            else if (ofColumn != ColumnLoss.None && (question.Column is not null || ofRows == RowLoss.None))
            {
                Add(columns, (reached.Oid, question.Column ?? AnyColumn), ofColumn);
            }
            else
            {
                Add(rows, reached.Oid, ofRows);
            }
        }
    }

    private static void Add<TKey, TLoss>(Dictionary<TKey, TLoss> losses, TKey key, TLoss loss)
        where TKey : notnull
        where TLoss : struct, Enum
    {
        if (Comparer<TLoss>.Default.Compare(loss, losses.GetValueOrDefault(key)) > 0)
            losses[key] = loss;
    }

    /// <summary>Rows that ON DELETE CASCADE deletes must be allowed separately.</summary>
    private static async Task<IReadOnlyList<LiveTable>> ReachedAsync(NpgsqlConnection connection, LiveQuestion question, CancellationToken ct)
    {
        if (question.Kind == LiveFactKind.SchemaRows)
            return await TableReach.InSchemaAsync(connection, question.Relation.Name, ct);
        if (await TableReach.FindAsync(connection, question.Relation, ct) is not { } table)
            return question.Overwrite is null ? [] : await LiveViews.TablesAsync(connection, question.Relation, ct);
        var reached = await TableReach.ReachedAsync(connection, table, question.Reach == LiveReach.DeleteCascades ? LiveReach.Children : question.Reach, ct);
        // For a foreign table it is only known that rows may be deleted.
        return table.Kind == 'f' ? [table, .. reached] : reached;
    }
}
