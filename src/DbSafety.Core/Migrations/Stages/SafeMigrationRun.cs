using System.Diagnostics;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Concurrency;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;
using DbSafety.Restores.Retained;
using DbSafety.Restores.Sessions;
using DbSafety.Tools.Isolation;
using Npgsql;

namespace DbSafety.Migrations.Stages;

/// <summary>The state that the stages of a run share.</summary>
internal sealed class SafeMigrationRun(SafeMigrationRequest request, MigrationProject project, IOperationEvents events) : IAsyncDisposable
{
    /// <summary>Preflight, analyse, gate, back up, rehearse, apply, verify.</summary>
    private const double MostStages = 7;

    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly List<MigrationStage> stages = [];
    private NpgsqlConnection? connection;
    private HistoryGuard? history;

    public SafeMigrationRequest Request { get; } = request;

    public MigrationProject Project { get; set; } = project;

    public IOperationEvents Events { get; } = new WithinEvents(events, ActivityOf(request));

    /// <summary>The lock that prevents other runs on this database.</summary>
    public ServerLock? Guard { get; set; }

    /// <summary>The connection to production, which the preflight opens; holds the tool's own lock.</summary>
    public NpgsqlConnection Connection
    {
        get => connection ?? throw new InvalidOperationException("the run has no connection: it was not prepared, or was released");
        set => connection = value;
    }

    public IReadOnlyList<MigrationFile> Pending { get; set; } = [];

    /// <summary>Only the project's own command knows what is pending.</summary>
    public bool IsPendingUnknown => Project.Folder.Source == MigrationSource.Other;

    /// <summary>Isolates the command of a rehearsal from production; null: no isolation.</summary>
    public IsolatedCommand? Isolation { get; set; }

    /// <summary>The command connected to its copy and changed nothing there.</summary>
    public bool HasNothingToDo { get; set; }

    /// <summary>What a command of the project read when this run began; null: there is no command.</summary>
    public CommandInput? Input { get; set; }

    public IReadOnlyList<MigrationFinding> Findings { get; set; } = [];

    public Allowances Allowed { get; set; } = new(false, [], []);

    /// <summary>Values that became NULL in the rehearsal, as it was allowed.</summary>
    public IReadOnlyList<UnexpectedLoss> RehearsedValues { get; set; } = [];

    /// <summary>The expected rows of production's migration history when a script runs; the preflight reads them.</summary>
    public HistoryGuard History
    {
        get => history ?? throw new InvalidOperationException("the run was not prepared");
        set => history = value;
    }

    /// <summary>The migration history has rows.</summary>
    public bool HasHistory { get; set; }

    /// <summary>Counts of rows written, from before the backup; null if there is no backup.</summary>
    public TableStatistics? Statistics { get; set; }

    /// <summary>What this run itself has committed.</summary>
    public OwnWrites Own { get; } = new();

    public PgBackup? Backup { get; set; }

    /// <summary>Rows that allowed losses take and no backup holds; null: there is no backup.</summary>
    public RowsSinceBackup? Since { get; set; }

    public List<AppliedScript> Applied { get; } = [];

    /// <summary>How to undo the restore after a failure; null: nothing was restored.</summary>
    public UndoAdvice? UndoOfRestore { get; set; }

    /// <summary>The state in the database of the script that raised an error.</summary>
    public ScriptEnd ScriptEnd { get; set; }

    /// <summary>Something of the script or command that failed may have been committed.</summary>
    public bool HalfDone
    {
        get => ScriptEnd is not ScriptEnd.RolledBack;
        set => ScriptEnd = value ? ScriptEnd.PartsLeft : ScriptEnd.RolledBack;
    }

    public ApplySettings Settings => new(Request.LockTimeout, Request.LockRetries, Request.LockBackoff, Request.StatementTimeout) { OutcomeWait = Request.OutcomeWait, IdleLimit = Request.IdleLimit };

    /// <summary>Runs a stage and records its evidence.</summary>
    public async Task StageAsync(string name, Func<Task<string>> work)
    {
        var started = clock.Elapsed;
        Events.Progress(ActivityOf(Request), name, stages.Count / MostStages);
        try
        {
            var evidence = await work();
            StepPoint.Reach($"migrate: {name} finished");
            Add(name, MigrationStageState.Done, clock.Elapsed - started, evidence);
        }
        catch (Exception e)
        {
            Add(name, MigrationStageState.Failed, clock.Elapsed - started, e.Message);
            throw;
        }
    }

    private static string ActivityOf(SafeMigrationRequest request) => $"Safe migration of {request.Target.Database}";

    public void Skip(string name, string why) => Add(name, MigrationStageState.Skipped, TimeSpan.Zero, why);

    public void Plan(string name, string what) => Add(name, MigrationStageState.Planned, TimeSpan.Zero, what);

    public SafeMigration Result(SafeMigrationOutcome outcome) => new()
    {
        Server = Request.Target.Server,
        Database = Request.Target.Database,
        Outcome = outcome,
        Stages = [.. stages],
        Pending = [.. Pending.Select(f => f.Name)],
        Findings = Findings,
        Backup = Backup,
        RowsSinceBackup = Since is { Exists: true } ? Since.Path : null,
        Applied = outcome == SafeMigrationOutcome.Restored ? [] : Request.Command is null ? [.. Applied.Select(a => a.Name)] : Applied.Count == 0 ? [] : IsPendingUnknown ? [.. Applied.Select(a => a.Name)] : [.. Pending.Select(f => f.Name)],
        CommandFolder = Request.Command is { Container: null } ? ProjectRoot.Of(Request.Path) : null,
        Changes = RunChanges.Sum(Applied),
        Lost = RunChanges.Lost(this),
        Undo = outcome == SafeMigrationOutcome.Restored ? UndoOfRestore : UndoOfChanges(outcome),
        LockedFor = TimeSpan.FromTicks(Applied.Sum(a => a.Held.Ticks)),
        Duration = clock.Elapsed,
    };

    private UndoAdvice? UndoOfChanges(SafeMigrationOutcome outcome) =>
        Backup is { } backup && (outcome is SafeMigrationOutcome.Applied or SafeMigrationOutcome.Failed || (outcome == SafeMigrationOutcome.Unknown && (HalfDone || Applied.Count > 0)))
            ? UndoAdvice.Restore(Request.Target, backup.Path, backup.SnapshotTime, string.Join("; ", RunChanges.Sum(Applied)))
            : null;

    /// <summary>
    /// If the session on production was lost with its server, another session replaces it for the remaining checks. It holds no
    /// locks, so it must not change anything.
    /// </summary>
    public async Task ReconnectAsync()
    {
        try
        {
            await Connection.ExecuteAsync("SELECT 1", CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or IOException)
        {
            try
            {
                await Connection.DisposeAsync();
                Connection = await Project.ConnectAsync(Request.Target, "dbsafety migration run", CancellationToken.None);
            }
            catch (DbSafetyException lost)
            {
                Events.Warning($"{Request.Target.Database} cannot be checked: {lost.Message}");
            }
        }
    }

    /// <summary>What sessions other than this run's have written since a backup; a command's are among them.</summary>
    public async Task<ConcurrentWriteResult> FindWritesAsync(PgBackup? backup, CancellationToken ct)
    {
        if (backup is not { Source: { } source })
            return new ConcurrentWriteResult(new ConcurrentWrites.Unknown("this run created no backup"), null);
        return await new ConcurrentWriteCheck(Request.Target, source.With(backup.Manifest.Tables), Own) { Statistics = Statistics, Ignored = Project.History.Relation, LockTimeout = Request.LockTimeout }.RunAsync(ct);
    }

    /// <summary>Releases the locks, because a restore acquires them itself.</summary>
    public async Task ReleaseAsync()
    {
        if (connection is not null)
            await connection.DisposeAsync();
        if (Guard is not null)
            await Guard.DisposeAsync();
        (connection, Guard) = (null, null);
    }

    public async ValueTask DisposeAsync() => await ReleaseAsync();

    private void Add(string name, MigrationStageState state, TimeSpan duration, string evidence)
    {
        var stage = new MigrationStage(name, state, duration, evidence);
        stages.Add(stage);
        Events.Raise(new MigrationStageEvent(stage));
        if (state != MigrationStageState.Failed)
            Events.Information($"{name}: {evidence}");
    }
}
