using DbSafety.Analysis;
using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Outcomes;
using DbSafety.Migrations.TypeChanges;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>Queries the live database for findings, in a read-only transaction that ends with this object.</summary>
internal sealed class LiveFacts : IAsyncDisposable
{
    private readonly NpgsqlConnection connection;
    private readonly NpgsqlTransaction transaction;
    private readonly string defaultSchema;
    private readonly IOperationEvents events;
    private readonly LiveRoutines routines;
    private readonly LiveComputations computations;
    private readonly LiveCascades cascades;
    private readonly LiveLocks locks;
    private readonly LiveOutcomes outcomes;
    private readonly CountWatch watch;
    private readonly CountLimit limit;
    private readonly Dictionary<LiveQuestion, LiveAnswer> answers = [];
    private readonly Dictionary<PartOf, bool> parts = [];
    private readonly HashSet<string> waiting = new(StringComparer.Ordinal);
    private readonly (IReadOnlyList<string> Path, string User, IReadOnlyList<string> Schemas) session;
    private string? lockTimeout;

    private LiveFacts(NpgsqlTransaction transaction, CountWatch watch, string defaultSchema, (IReadOnlyList<string> Path, string User, IReadOnlyList<string> Schemas) session, IOperationEvents events)
    {
        (connection, this.transaction, this.defaultSchema, this.session, this.events) = (transaction.Connection!, transaction, defaultSchema, session, events);
        (routines, cascades, this.watch) = (new LiveRoutines(connection, defaultSchema), new LiveCascades(transaction, defaultSchema), watch);
        limit = new CountLimit(connection);
        (locks, computations, outcomes) = (new LiveLocks(transaction, defaultSchema), new LiveComputations(connection, routines, defaultSchema), new LiveOutcomes(transaction, events));
    }

    /// <param name="target">Where that connection leads.</param>
    public static async Task<LiveFacts> BeginAsync(NpgsqlConnection connection, DatabaseTarget target, string defaultSchema, IOperationEvents events, CancellationToken ct)
    {
        // With a pooler, the process ID of the connection is not that of the server.
        var pid = await connection.ScalarAsync<int>("SELECT pg_catalog.pg_backend_pid()", ct);
        var facts = new LiveFacts(await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct), new CountWatch(target, pid, events), defaultSchema, await SessionAsync(connection, ct), events);
        await connection.ExecuteAsync("SET TRANSACTION READ ONLY", ct);
        await connection.ExecuteAsync("SET LOCAL lock_timeout = '5s'", ct);
        // Rows that a policy hides are lost too: the count fails then, and is unknown.
        await connection.ExecuteAsync("SET LOCAL row_security = off", ct);
        // Catalog queries are fast, but PostgreSQL estimates high costs: JIT compilation took seconds.
        await connection.ExecuteAsync("SET LOCAL jit = off", ct);
        // Counts have separate limits.
        await connection.ExecuteAsync("SET LOCAL statement_timeout = '10min'", ct);
        return facts;
    }

    /// <summary>The search path, its user, and the schemas that exist. PostgreSQL passes over schemas in the path that the user has no privilege on.</summary>
    private static async Task<(IReadOnlyList<string> Path, string User, IReadOnlyList<string> Schemas)> SessionAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var (path, user) = (await connection.ListAsync("SELECT pg_catalog.current_setting('search_path'), current_user::text", r => (r.GetString(0), r.GetString(1)), ct)).Single();
        var schemas = await connection.ListAsync("SELECT nspname::text, pg_catalog.has_schema_privilege(oid, 'USAGE') FROM pg_catalog.pg_namespace", r => (Name: r.GetString(0), IsUsable: r.GetBoolean(1)), ct);
        var names = SqlSplitter.Split($"SET search_path TO {path}") is [var set] && CommandParser.Parse(set, null) is Command.Setting setting ? setting.Values : [];
        return ([.. names.Where(n => !schemas.Exists(s => s.Name == (n == "$user" ? user : n) && !s.IsUsable))], user, schemas.ConvertAll(s => s.Name));
    }

    /// <summary>An analyser whose findings it is asked about.</summary>
    public MigrationAnalyser Analyser(bool withStyle = false) => new(defaultSchema, connection.PostgreSqlVersion.Major, withStyle: withStyle)
    {
        AsksDatabase = true,
        SearchesTemporaryFirst = !session.Path.Contains("pg_temp"),
        Session = new SessionPath(session.Path, session.User, session.Schemas),
        StringsAreUncertain = StringReading.AreUncertain(connection.PostgresParameters),
    };

    public async Task<MigrationFinding> JudgeAsync(MigrationFinding finding, CancellationToken ct)
    {
        if (finding.Fills is { } fills)
            return await FilledAsync(finding, fills, ct);
        if (finding.Question is not { } question)
            return finding;
        if (question.Overwrite is { Filling: not null } overwrite && await LiveRows.FillsAsync(transaction, overwrite, ct))
        {
            if (overwrite.IfFilled is not { } others)
                return LiveJudgement.Lowered(finding, finding, "only NULL is replaced") with { Question = null, LoweredFrom = null };
            (question, finding) = (others, finding with { Question = others });
        }

        if (question.Overwrite is { AddedIfMissing: { Count: > 0 } added } && await LiveRows.LacksAsync(connection, question.Relation, added, ct))
            return await TriggeredAsync(LiveJudgement.Lowered(finding, finding, "it fills columns that the same pending migrations create") with { Question = null, LoweredFrom = null }, question.Relation, question.Overwrite.TriggerFunctions, ct);
        var isAssigned = false;
        if (question.Overwrite?.IfComputed is { } computed && !await LiveWrites.CanFitAsync(connection, computed, finding.WrittenBefore, ct))
        {
            (isAssigned, var others) = await LiveRows.AssignedAsync(transaction, question.Relation, question.Overwrite.TriggerFunctions, finding.Created, question.Overwrite.Assigned, ct);
            if (!isAssigned && await AskAsync(computed.With(others), ct) is { Overwritten.Touched: not null })
                (question, finding) = (computed.With(others), finding with { Question = computed.With(others) });
            else if (isAssigned)
                isAssigned = await AskAsync(computed, ct) is { Overwritten.Touched: 0 };
        }

        var judged = LiveJudgement.Judge(finding, await AskAsync(question, ct));
        if (isAssigned && judged.Severity == FindingSeverity.Destructive)
            return judged with { Message = $"{finding.Message}: it changes no value itself, but a BEFORE trigger can store other values in these rows" };
        if (judged.Severity == FindingSeverity.Info && judged.LiveFacts.Count > 0 && (judged.LoweredFrom is not null || question.Overwrite is not null) && await CanLoseRowsAsync(judged.Question ?? question, finding, ct))
            return LiveJudgement.Doubted(judged with { Severity = question.Overwrite is { IsListed: true } ? finding.Severity : FindingSeverity.Destructive, LoweredFrom = null, Locks = finding.Locks });
        if (finding.Severity != FindingSeverity.MayFail || judged.LiveFacts.Count == 0)
            return judged;
        // A result without violations is as uncertain as one with violations.
        var isLowered = judged.Severity == FindingSeverity.Info;
        return !await LiveWrites.ReachAsync(connection, question, finding.WrittenBefore, bringsRows: isLowered, ct) ? judged
            : LiveJudgement.Doubted(isLowered ? judged with { Severity = finding.Severity, Locks = finding.Locks } : judged);
    }

    /// <summary>The same, with the effects of called functions of the live database, and with the rows and values that are lost through foreign keys.</summary>
    public async Task<IReadOnlyList<MigrationFinding>> JudgeAllAsync(MigrationFinding finding, CancellationToken ct)
    {
        if (finding.Moved is { } moved && !await TableReach.IsPartitionedByAsync(connection, moved.Table, moved.Columns.Split('\n', StringSplitOptions.RemoveEmptyEntries), ct))
            return [];
        if (finding.PartOf is { } part && !await IsPartAsync(part, ct) && !finding.ForeignKeys.Added.Exists(part.IsReachedBy))
            return [];
        if (finding.Rule == MissingLockTimeout.RuleId && !await WaitsFirstAsync(finding, ct))
            return [];
        if (finding is { IfThere: { } optional, Severity: not FindingSeverity.Destructive } && !await IsAnyRelationAsync(optional, ct))
            finding = LiveJudgement.Lowered(finding, finding, "it does not exist now") with { Question = null, Effect = null, IfPartitioned = null };
        if (finding is { Rule: MissingLockTimeout.RuleId, Locks: { } claim } && await LockTimeoutAsync(ct) is { } limit)
            finding = finding with { Severity = FindingSeverity.Info, Message = $"{claim.Words}; waits for it for up to {limit}, the lock_timeout of the session", Remedy = "", RemedySql = null };
        routines.After(finding.Created);
        var (judged, all) = (new List<MigrationFinding>(), new List<MigrationFinding>(await routines.ExpandAsync(finding, ct)));
        all.AddRange(await computations.ReadAsync(all[0], ct));
        foreach (var expanded in all)
        {
            var (one, refusal) = await outcomes.JudgeAsync(expanded, ct);
            if (refusal is not null)
                judged.Add(refusal);
            var answered = await JudgeAsync(await LiveRemedies.AdaptAsync(connection, await locks.NameAsync(one, ct), ct), ct);
            judged.Add(answered);
            if (LiveCascades.Concerns(answered))
                judged.AddRange(await CascadesAsync(() => cascades.ReadAsync(answered, ct), ct));
            judged.AddRange(await CascadesAsync(() => cascades.UpdatedAsync(one, ct), ct));
            if (LiveCascades.MayMove(one, connection.PostgreSqlVersion.Major))
                judged.AddRange(await CascadesAsync(() => cascades.MovedAsync(one, ct), ct));
            foreach (var other in one.Dependents is { } dependents ? await DependentsAsync(one, dependents, ct) : [])
                judged.Add(await JudgeAsync(other, ct));
            foreach (var heir in await cascades.HeirsAsync(answered, ct))
                judged.Add(await JudgeAsync(heir, ct));
        }

        return judged;
    }

    public async ValueTask DisposeAsync()
    {
        await watch.DisposeAsync();
        await transaction.DisposeAsync();
    }

    /// <summary>Many statements ask it of the same tables.</summary>
    private async Task<bool> IsPartAsync(PartOf part, CancellationToken ct) =>
        parts.TryGetValue(part, out var known) ? known
        : parts[part] = part.By is { } by ? await TableReach.IsReachedAsync(connection, part, by, ct) : await TableReach.IsPartAsync(connection, part, ct);

    /// <summary>New columns have no values, unless a table that inherits from theirs has columns of these names already; and a trigger can overwrite others.</summary>
    private async Task<MigrationFinding> FilledAsync(MigrationFinding finding, LiveFill fills, CancellationToken ct)
    {
        var (lost, having) = (new List<string>(), await LiveRows.HavingAsync(connection, fills.Table, fills.Columns, ct));
        foreach (var (table, column, _) in having)
        {
            // With a column that the table itself has now, those of its children are dropped or renamed before.
            if (!having.Exists(h => h.IsItself && h.Column == column) && await AskAsync(new LiveQuestion(LiveFactKind.Values, table) { Column = column }, ct) is not { Count: 0 } and var answer)
                lost.Add($"{(answer.Count is { } count ? LiveJudgement.Number(count, "value") : "values")} of {table.Display(defaultSchema)}.{SqlName.DisplayBehindDot(column)}");
        }

        if (lost.Count > 0)
            return finding with { Severity = FindingSeverity.Destructive, Message = $"{finding.Message}, but tables that inherit from it have a column of that name already: {string.Join(", ", lost)} would be overwritten" };
        return await TriggeredAsync(finding, fills.Table, fills.TriggerFunctions, ct);
    }

    /// <summary>Other columns are not what the statement is about, but a trigger can change them.</summary>
    private async Task<MigrationFinding> TriggeredAsync(MigrationFinding finding, RelationName table, IReadOnlyList<RelationName> functions, CancellationToken ct) =>
        !(await LiveRows.AssignedAsync(transaction, table, functions, finding.Created, [], ct)).MayBe ? finding
            : finding with { Severity = FindingSeverity.Breaking, Message = $"{finding.Message}, but a BEFORE trigger can store other values in the rows" };

    /// <summary>Rows that a count did not find can be there by the time the statement runs; those that the set itself adds are no loss, and neither are values.</summary>
    private async Task<bool> CanLoseRowsAsync(LiveQuestion question, MigrationFinding finding, CancellationToken ct) =>
        await LiveWrites.RefersToNewAsync(connection, question, finding.WrittenBefore, finding.ForeignKeys, ct) || (await LiveWrites.CanFitAsync(connection, question, finding.WrittenBefore, ct)
        && (finding.WrittenBefore.Columns.Any(c => c.Column is null)
            || await AskAsync(question.Overwrite is { } overwrite ? new LiveQuestion(LiveFactKind.RowsWhere, question.Relation) { Condition = overwrite.AllLosing } : new LiveQuestion(LiveFactKind.Rows, question.Relation), ct) is not { Count: 0 }));

    /// <summary>It is reported once for each script: not for statements that do nothing because of IF EXISTS.</summary>
    private async Task<bool> WaitsFirstAsync(MigrationFinding finding, CancellationToken ct) =>
        (finding.IfThere is not { } optional || await IsAnyRelationAsync(optional, ct)) && waiting.Add(finding.File);

    /// <summary>The initial value for sessions of this role in this database, which our own setting does not hide: from the configuration, ALTER DATABASE or ALTER ROLE … SET. Null: no limit.</summary>
    private async Task<string?> LockTimeoutAsync(CancellationToken ct) =>
        lockTimeout ??= await connection.ScalarAsync<string>("SELECT CASE WHEN reset_val::bigint > 0 THEN reset_val || ' ' || unit ELSE '' END FROM pg_catalog.pg_settings WHERE name = 'lock_timeout'", ct) is { Length: > 0 } set ? set : null;

    /// <summary>Objects that are dropped too, or because of which PostgreSQL refuses. Nothing is reported if the catalog cannot be read.</summary>
    private async Task<IReadOnlyList<MigrationFinding>> DependentsAsync(MigrationFinding finding, LiveDependents question, CancellationToken ct)
    {
        await transaction.SaveAsync("question", ct);
        try
        {
            if (question.IsUsed)
                return await LiveReplaced.ReadAsync(transaction, defaultSchema, finding, question, ct);
            if (question.Cascades)
                return await LiveCascadeDrops.ReadAsync(transaction, defaultSchema, finding, question, ct);
            return await LiveBlockers.ReadAsync(transaction, defaultSchema, finding, question, ct) is { } blocked ? [blocked] : [];
        }
        catch (PostgresException e) when (PgSession.IsOfTheStatement(e))
        {
            ct.ThrowIfCancellationRequested();
            events.Verbose($"could not read what depends on {finding.Object}: {e.MessageText}");
            return [];
        }
        finally
        {
            await transaction.RollbackAsync("question", CancellationToken.None);
        }
    }

    private async Task<IReadOnlyList<MigrationFinding>> CascadesAsync(Func<Task<IReadOnlyList<MigrationFinding>>> read, CancellationToken ct)
    {
        await transaction.SaveAsync("cascade", ct);
        await limit.BeginAsync(ct);
        try
        {
            return await watch.OverAsync(read);
        }
        finally
        {
            limit.End();
            if (connection.State == System.Data.ConnectionState.Open)
                await transaction.RollbackAsync("cascade", CancellationToken.None);
        }
    }

    private async Task<LiveAnswer> AskAsync(LiveQuestion question, CancellationToken ct)
    {
        if (answers.TryGetValue(question, out var known))
            return known;
        events.Progress("Asking the database", $"{question.Relation.Display(defaultSchema)} (counts for up to {limit.Limit.TotalSeconds:0.##} s)");
        await transaction.SaveAsync("question", ct);
        await limit.BeginAsync(ct);
        try
        {
            if (question.Session is { } session)
                await connection.ExecuteAsync(session, ct);
            var answer = await watch.OverAsync(() => AnswerAsync(question, ct));
            // Releases the locks of the counted tables.
            await transaction.RollbackAsync("question", ct);
            answer = limit.End() is { } within && answer.Count is null ? answer with { NotCountedWithin = within } : answer;
            return answers[question] = question.IsThroughView ? answer with { Through = [question.Relation.Display(defaultSchema)] } : answer;
        }
        catch (Exception e) when (e is not OperationCanceledException && (e is not PostgresException p || PgSession.IsOfTheStatement(p)) && connection.State == System.Data.ConnectionState.Open)
        {
            ct.ThrowIfCancellationRequested();
            // A condition may name an object that an earlier statement of the set creates.
            await transaction.RollbackAsync("question", ct);
            events.Verbose($"could not count {question.Relation.Display(defaultSchema)}: {e.Message}");
            return answers[question] = new LiveAnswer(true, null) { NotCountedWithin = limit.End() };
        }
    }

    private async Task<LiveAnswer> AnswerAsync(LiveQuestion question, CancellationToken ct)
    {
        if (question.Kind == LiveFactKind.SchemaRows)
            return await SchemaAsync(question.Relation.Name, question.Without, ct);
        if (question.Kind == LiveFactKind.EnumLabels)
            return await LiveEnums.LostAsync(transaction, question, ct);
        if (question.Kind == LiveFactKind.Routine)
            return new LiveAnswer(true, null);
        if (question.Sequence is { } sequence)
            return await LiveSequences.AnswerAsync(transaction, sequence, ct);
        if (question.MeetsLiveRules && await LiveRows.RuleInsteadAsync(connection, question.Relation, ct) is { } rule)
            return new LiveAnswer(true, null) { HarmlessBecause = $"rule {SqlName.Display(rule)} runs instead, and no row of the table is deleted" };
        if (await TableReach.FindAsync(connection, question.Relation, ct) is not { } table)
        {
            return await LiveViews.AnswerAsync(transaction, question, defaultSchema, ct)
                ?? (await IsAnyRelationAsync(question.Relation, ct) ? new LiveAnswer(true, null) : new LiveAnswer(false, 0));
        }

        // Its rows are on another server, and cannot be locked.
        if (question.Kind is not (LiveFactKind.Rewritten or LiveFactKind.Read or LiveFactKind.BoundsRead or LiveFactKind.Uncovered) && await TableReach.ForeignServerAsync(connection, table, question.Reach, ct) is { } server)
            return new LiveAnswer(true, null) { ForeignServer = server };
        if (question is { Kind: LiveFactKind.Rewritten, TypeChange.From: not null })
            return await LiveTypeChanges.OfGivenAsync(connection, table, question, ct);
        if (question.Column is { } column && !await HasColumnAsync(table, column, ct))
            return new LiveAnswer(false, 0);
        return question.Kind switch
        {
            LiveFactKind.Uncovered => await LiveIndexes.CoveringAsync(connection, table, question, ct),
            LiveFactKind.Values => await CountAsync($"SELECT count({SqlName.Quote(question.Column!)}) FROM {table.Sql}", ct),
            LiveFactKind.Nulls => await CountAsync($"SELECT count(*) FROM {table.Sql} WHERE {SqlName.Quote(question.Column!)} IS NULL", ct),
            LiveFactKind.Changed or LiveFactKind.Unconvertible => await LiveTypeChanges.AnswerAsync(transaction, table, question, ct),
            LiveFactKind.RowsWhere when question.Overwrite is { } overwrite => await LiveRows.OverwrittenAsync(transaction, question, overwrite, ct),
            LiveFactKind.RowsWhere => await LiveRows.FittingAsync(transaction, question.Condition, ct),
            LiveFactKind.Read => await LiveReading.ReadAsync(connection, table, question, ct),
            LiveFactKind.Rewritten when question.Column is null => await LiveReading.NewColumnRewrittenAsync(connection, question.Condition!, ct),
            LiveFactKind.Rewritten => await LiveTypeChanges.AnswerAsync(transaction, table, question, ct),
            LiveFactKind.Orphans => await OrphansAsync(table, question.ForeignKey!, ct),
            LiveFactKind.Bounds => await LivePartitions.OutsideAsync(connection, table, question, ct),
            LiveFactKind.BoundsRead => await LivePartitions.ReadAsync(connection, table, question, ct),
            LiveFactKind.Partitioned => new LiveAnswer(true, table.Kind == 'p' ? 0 : 1),
            LiveFactKind.Constraint => await ConstraintAsync(table, question.Condition!, ct),
            LiveFactKind.Duplicates or LiveFactKind.Violations when question.Key is { } key && await LiveIndexes.RefusedAsync(connection, table, key, ct) is { } reason => new LiveAnswer(true, null) { RefusedBecause = reason },
            LiveFactKind.Duplicates or LiveFactKind.Violations => await SafelyCountAsync(question.Condition!, ct),
            _ => await RowsAsync(table, question.Reach, ct),
        };
    }

    private async Task<LiveAnswer> RowsAsync(LiveTable table, LiveReach reach, CancellationToken ct)
    {
        var own = await TableReach.ReachedAsync(connection, table, reach is LiveReach.Only or LiveReach.Partitions ? reach : LiveReach.Children, ct);
        var all = reach is LiveReach.References or LiveReach.DeleteCascades ? await TableReach.ReachedAsync(connection, table, reach, ct) : own;
        var others = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var other in all.Where(t => t.HasRows && !own.Contains(t)))
            others[other.Display(defaultSchema)] = await OwnRowsAsync(other, ct);
        var rows = 0L;
        foreach (var part in own.Where(t => t.HasRows))
            rows += await OwnRowsAsync(part, ct);
        return new LiveAnswer(true, rows) { PerTable = others };
    }

    private async Task<LiveAnswer> OrphansAsync(LiveTable table, LiveForeignKey key, CancellationToken ct)
    {
        if (await TableReach.FindAsync(connection, key.Referenced, ct) is not { } referenced)
            return new LiveAnswer(true, null);
        var targets = key.ReferencedColumns.Count > 0 ? key.ReferencedColumns : await connection.ListAsync(
            "SELECT a.attname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) WHERE c.conrelid = $1::oid AND c.contype = 'p' ORDER BY array_position(c.conkey, a.attnum)",
            r => r.GetString(0), ct, (long)referenced.Oid);
        if (targets.Count != key.Columns.Count)
            return new LiveAnswer(true, null);
        var pointing = string.Join(" AND ", key.Columns.Select(c => $"t.{SqlName.Quote(c)} IS NOT NULL"));
        var same = string.Join(" AND ", key.Columns.Zip(targets, (from, to) => $"t.{SqlName.Quote(from)} = r.{SqlName.Quote(to)}"));
        return await SafelyCountAsync($"SELECT count(*) FROM {table.Sql} AS t WHERE {pointing} AND NOT EXISTS (SELECT FROM {referenced.Sql} AS r WHERE {same})", ct);
    }

    /// <summary>Of a constraint of the live database. Null: it is validated already, does not exist, or its rows cannot be counted.</summary>
    private async Task<LiveAnswer> ConstraintAsync(LiveTable table, string name, CancellationToken ct)
    {
        var found = (await connection.ListAsync(
            """
            SELECT c.contype::text, CASE WHEN c.contype = 'c' THEN pg_catalog.pg_get_expr(c.conbin, c.conrelid) END, n.nspname, r.relname, c.confmatchtype::text,
                ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k(n, i) JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY k.i),
                ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k(n, i) JOIN pg_catalog.pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY k.i)
            FROM pg_catalog.pg_constraint c LEFT JOIN pg_catalog.pg_class r ON r.oid = c.confrelid LEFT JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
            WHERE c.conrelid = $1::oid AND c.conname = $2
            """,
            r => (Kind: r.GetString(0), Check: r.Text(1), Schema: r.Text(2), Referenced: r.Text(3), Match: r.Text(4), Columns: r.GetFieldValue<string[]>(5), Targets: r.GetFieldValue<string[]>(6)),
            ct, (long)table.Oid, name)).FirstOrDefault();
        return found switch
        {
            { Kind: "c", Check: { } check } => await SafelyCountAsync($"SELECT count(*) FROM {table.Sql} WHERE NOT ({check})", ct),
            { Kind: "f", Match: "s", Referenced: { } referenced } => await OrphansAsync(table, new LiveForeignKey(found.Columns, new RelationName(found.Schema, referenced), found.Targets), ct),
            _ => new LiveAnswer(true, null),
        };
    }

    private async Task<LiveAnswer> SchemaAsync(string schema, IReadOnlyList<RelationName> without, CancellationToken ct)
    {
        if (!await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", ct, schema))
            return new LiveAnswer(false, 0);
        var rows = 0L;
        foreach (var table in (await TableReach.InSchemaAsync(connection, schema, ct)).Where(t => t.HasRows && !without.Any(w => w.Name == t.Name)))
            rows += await OwnRowsAsync(table, ct);
        return new LiveAnswer(true, rows);
    }

    /// <summary>With expressions of the script in it.</summary>
    private async Task<LiveAnswer> SafelyCountAsync(string sql, CancellationToken ct) =>
        await SafeCount.IsSafeAsync(transaction, sql, withOwn: true, ct) ? await CountAsync(sql, ct) : new LiveAnswer(true, null);

    private async Task<LiveAnswer> CountAsync(string sql, CancellationToken ct) => new(true, await connection.ScalarAsync<long>(sql, ct));

    private Task<long> OwnRowsAsync(LiveTable table, CancellationToken ct)
    {
        limit.ThrowIfOver();
        return connection.ScalarAsync<long>($"SELECT count(*) FROM ONLY {table.Sql}", ct);
    }

    /// <summary>Also a view, whose underlying rows are not analysed.</summary>
    private Task<bool> IsAnyRelationAsync(RelationName name, CancellationToken ct) =>
        connection.ScalarAsync<bool>("SELECT to_regclass($1) IS NOT NULL", ct, name.Sql);

    private Task<bool> HasColumnAsync(LiveTable table, string column, CancellationToken ct) =>
        connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = $1::oid AND attname = $2 AND attnum > 0 AND NOT attisdropped)", ct, (long)table.Oid, column);
}
