using DbSafety.Analysis;
using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Integration.Tests.Analysis.Locks;

/// <summary>
/// Runs the scripts of one unit, each statement in a transaction of its own, and compares what it does with what is said. Each script counts as one set
/// of pending migrations: what was there before it is old. Not compared is what comes to all tables of the database without naming any, and what follows a CREATE that the server
/// refused: the analysis believes that the object is new.
/// </summary>
/// <param name="watcher">A second session, which sees the catalog as it was before the statement.</param>
internal sealed class UnitRun(NpgsqlConnection connection, NpgsqlConnection watcher)
{
    private readonly StatementObserver observer = new(connection);
    private Dictionary<uint, CatalogRelation> relations = [];
    private HashSet<(uint Table, int Number, string Name)> oldColumns = [];
    private readonly HashSet<string> refusedNames = new(StringComparer.Ordinal);

    public int Compared { get; private set; }

    public int Refused { get; private set; }

    /// <summary>Strong locks on relations that were there before.</summary>
    public int Locks { get; private set; }

    /// <summary>Tables that were read, written anew or given an index behind such a lock, tables and columns that went.</summary>
    public int Works { get; private set; }

    /// <summary>What queries do by calling routines, which is not said.</summary>
    public int ByRoutines { get; private set; }

    public List<string> Less { get; } = [];

    public async Task RunAsync(string file, string text)
    {
        var script = new SqlScript(file, text);
        await connection.ExecuteAsync("DISCARD ALL", default);
        await connection.ExecuteAsync("SET statement_timeout = '5s'; SET lock_timeout = '2s'", default);
        relations = await CatalogShape.ReadRelationsAsync(watcher);
        oldColumns = await ColumnsAsync(watcher);
        refusedNames.Clear();
        var old = relations;
        var findings = MigrationAnalyser.Analyse([script]).ToLookup(f => f.Statement);
        var undo = ScriptSurvey.Of(script).Undo;
        foreach (var statement in SqlSplitter.Split(text).Where(s => !s.IsPsqlCommand && !undo.Contains(s.Position)))
        {
            var command = CommandParser.Parse(statement);
            if (!Leaves(command) && !statement.StartsWith("copy"))
                await RunAsync(statement, command, file, [.. findings[statement.Ordinal]], old);
        }
    }

    /// <summary>What is about other databases or files of the server, or about transactions.</summary>
    private static bool Leaves(Command command) =>
        command is Command.Transaction or Command.CreateObject { Kind: ObjectKind.Database or ObjectKind.Tablespace or ObjectKind.Subscription }
            or Command.Drop { Kind: ObjectKind.Database or ObjectKind.Tablespace or ObjectKind.Subscription } or Command.AlterObject { Kind: ObjectKind.System or ObjectKind.Database or ObjectKind.Subscription }
            or Command.Utility { Word: "load" };

    private static IEnumerable<string> Created(Command command) => command switch
    {
        Command.CreateTable table => [table.Name.Name],
        Command.CreateObject other => [other.Name.Name],
        Command.CreateIndex { Name: { } index } => [index],
        _ => [],
    };

    private async Task RunAsync(SqlStatement statement, Command command, string file, IReadOnlyList<MigrationFinding> findings, Dictionary<uint, CatalogRelation> old)
    {
        try
        {
            if (command.NeedsNoTransaction)
            {
                await connection.ExecuteAsync(statement.Text, default);
                relations = await CatalogShape.ReadRelationsAsync(watcher);
                return;
            }

            await connection.ExecuteAsync("BEGIN", default);
            var observed = await observer.RunAsync(statement.Text, relations, null);
            var isCompared = command is not (Command.Analyze { Tables.Count: 0 } or Command.Vacuum { Tables.Count: 0 }) && !statement.Tokens.Any(t => t.IsName && refusedNames.Contains(t.Value));
            Compared += isCompared ? 1 : 0;
            List<string> less = isCompared ? await CompareAsync(statement, observed, findings, old) : [];
            // What the routines and triggers do that a query calls stands elsewhere.
            if (command is Command.Query)
                ByRoutines += less.Count;
            else
                Less.AddRange(less.Select(l => $"{file}:{statement.Line} {statement.Excerpt}\n    {l}"));
            await connection.ExecuteAsync("COMMIT", default);
            relations = observed.After;
        }
        // Some end their own session, or ask for more than a client can read.
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or NotSupportedException)
        {
            Refused++;
            refusedNames.UnionWith(Created(command));
            if (e is not PostgresException || connection.State != System.Data.ConnectionState.Open)
            {
                await connection.CloseAsync();
                await connection.OpenAsync();
            }

            await connection.ExecuteAsync("ROLLBACK", default);
        }
    }

    private async Task<List<string>> CompareAsync(SqlStatement statement, ObservedStatement observed, IReadOnlyList<MigrationFinding> findings, Dictionary<uint, CatalogRelation> old)
    {
        // What a DO block or a routine does at run time is said not to be known.
        if (findings.Any(f => f.Severity == FindingSeverity.Opaque))
            return [];
        var strong = observed.Locks.Where(l => l.Value >= LockMode.ShareUpdateExclusive).ToDictionary();
        Locks += strong.Count;
        var less = await UnsaidAsync(statement, strong);
        // A required column without a default comes to an empty table, or not at all.
        var working = observed.Work.Where(w => w.Value > TableWork.Catalog && old.ContainsKey(w.Key) && (relations[w.Key].Kind == 'r' || observed.Locks[w.Key] == LockMode.AccessExclusive)).ToList();
        var lost = (strong.Count == 0 ? [] : oldColumns.ExceptBy((await ColumnsAsync(connection)).Select(c => (c.Table, c.Number)), c => (c.Table, c.Number))).Where(c => observed.After.ContainsKey(c.Table)).ToList();
        var gone = observed.Gone.Where(old.ContainsKey).ToList();
        oldColumns.ExceptWith(lost);
        Works += working.Count + lost.Count + gone.Count;
        if (working.Count > 0 && !findings.Any(f => f.Severity >= FindingSeverity.Blocking || f.Rule == "add-required-column"))
            less.Add($"{string.Join(", ", working.Select(w => $"{w.Value} of {relations[w.Key]}"))}, and nothing blocking is reported: {Rules(findings)}");
        if (lost.Count + gone.Count > 0 && !findings.Any(f => f.Severity == FindingSeverity.Destructive))
            less.Add($"{string.Join(", ", lost.Select(c => $"{relations[c.Table]}.{c.Name} is gone").Concat(gone.Select(r => $"{relations[r]} is gone")))}, and nothing destructive is reported: {Rules(findings)}");
        return less;
    }

    /// <summary>Most are told by the names in the statement; only for the rest is the whole catalog read.</summary>
    private async Task<List<string>> UnsaidAsync(SqlStatement statement, Dictionary<uint, LockMode> strong)
    {
        if (strong.Count == 0)
            return [];
        var path = (await connection.ScalarAsync<string[]>("SELECT current_schemas(false)::text[]", default))!;
        var unsaid = Unsaid(CatalogShape.Of(relations), strong);
        if (unsaid.Count > 0)
            unsaid = Unsaid(await CatalogShape.ReadAsync(watcher), unsaid);
        return [.. unsaid.Select(l => $"{l.Value} on {relations[l.Key]} is not reported")];

        Dictionary<uint, LockMode> Unsaid(CatalogShape shape, Dictionary<uint, LockMode> locks)
        {
            var prediction = LockPrediction.Of(statement, shape, path);
            // ALTER INDEX takes the name of a table too, and then a table's lock.
            var isIndex = CommandParser.Parse(statement) is Command.AlterTable { Kind: ObjectKind.Index };
            return locks.Where(l => prediction.Mode(relations[l.Key]) < l.Value && (!isIndex || relations[l.Key].IsIndex)).ToDictionary();
        }
    }

    private static async Task<HashSet<(uint Table, int Number, string Name)>> ColumnsAsync(NpgsqlConnection connection) =>
        [.. await connection.ListAsync("SELECT attrelid, attnum::int, attname FROM pg_attribute WHERE NOT attisdropped AND attnum > 0 AND attrelid >= 16384", r => (r.GetFieldValue<uint>(0), r.GetInt32(1), r.GetString(2)), default)];

    private static string Rules(IReadOnlyList<MigrationFinding> findings) => string.Join(", ", findings.Select(f => $"{f.Severity} {f.Rule}"));
}
