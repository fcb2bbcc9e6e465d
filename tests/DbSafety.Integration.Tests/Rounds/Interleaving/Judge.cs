using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Errors;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Rounds.Interleaving;

/// <summary>Compares what is there after an operation with the model of what was committed, and with what the operation said.</summary>
internal sealed class Judge(World world, RoundOperation operation, Model model, Contents setContents)
{
    /// <summary>No session may wait for a lock of ours longer than that.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(35);

    private readonly List<string> problems = [];

    /// <summary>What a run that succeeds leads to: all of this in the live database, but for what other sessions changed.</summary>
    public required IReadOnlyList<Claim> Target { get; init; }

    public required uint OidBefore { get; init; }

    public IReadOnlyList<string> Problems => problems;

    /// <summary>Prepares the operation and reads what is there before it. Returns the names that earlier results gave, too.</summary>
    public static async Task<(string Named, Model Model, Judge Judge)> PrepareAsync(World world, RoundOperation operation, Contents setContents)
    {
        var named = await operation.PrepareAsync(world);
        var model = new Model();
        model.Add((await Contents.ReadAsync(world.Admin.On("shop"))).Claims());
        IReadOnlyList<Claim> target = [.. operation.Name.StartsWith("restore", StringComparison.Ordinal) ? setContents.Claims() : model.Claims];
        foreach (var kept in (await world.DatabasesAsync()).Where(d => d != "shop"))
        {
            target = [.. (await Contents.ReadAsync(world.Admin.On(kept))).Claims()];
            model.AddElsewhere(target);
        }

        return (named, model, new Judge(world, operation, model, setContents) { Target = target, OidBefore = await world.OidAsync() });
    }

    /// <param name="named">Everything that results, this one and earlier ones, have said.</param>
    public async Task CheckAsync(RoundResult result, string named, RoundAction? action, Others? others)
    {
        CheckEnd(result, action);
        if (others?.LongestWait > LongestWait)
            problems.Add($"another session waited for {others.LongestWait.TotalSeconds:0.0} s");
        if (await world.OidAsync() == 0)
        {
            problems.Add("there is no database of this name any more");
            return;
        }

        var live = await Contents.ReadAsync(world.Admin.On("shop"));
        var missing = (await MissingAsync(live, named)).ToList();
        if (missing.Count > 0)
            problems.Add($"{missing.Count} committed, and neither in the live database nor in a place that was named: {string.Join("; ", missing.Take(3))}");
        if (live.Count("ran", "m1") > 1)
            problems.Add("the migration has run twice");
        if (result.Succeeded)
            await CheckReachedAsync(result, live);
        else if (result.SaysUnchanged && others is null or { SecondRuns.Count: 0 })
            await CheckUnchangedAsync(result, live, action);
    }

    /// <summary>
    /// After a kill the database under the name is the old one or the new one, complete, and every row is in it or in another database or intact set
    /// that is still there: the run could not name any.
    /// </summary>
    public async Task CheckKilledAsync()
    {
        if (await world.OidAsync() == 0)
        {
            problems.Add("there is no database of this name any more");
            return;
        }

        var live = await Contents.ReadAsync(world.Admin.On("shop"));
        var missing = await MissingAsync(live, string.Join('\n', (await world.DatabasesAsync()).Concat(Directory.GetFiles(world.Backups, "*.json")).Append(world.Set)));
        if (missing.Count > 0)
            problems.Add($"{missing.Count} committed are nowhere: {string.Join("; ", missing.Take(3))}");
        bool IsComplete(IEnumerable<Claim> claims) => claims.Where(c => !model.WasTouched(c)).All(c => c.IsIn(live) || operation.Allows(c));
        if (!IsComplete(model.Claims.Where(model.WasLive)) && !IsComplete(Target))
            problems.Add("the live database is neither the old one nor the new one");
        if (operation.IsMigration && live.Count("ran", "m1") != (live.Tables["notes"].First().Value[0].ContainsKey("added") ? 1 : 0))
            problems.Add("a half of the migration's transaction is there");
        await CheckSetsAsync();
    }

    /// <summary>A run that came to its end has to name the places.</summary>
    public async Task CheckNamedAsync(string named)
    {
        var missing = await MissingAsync(await Contents.ReadAsync(world.Admin.On("shop")), named);
        if (missing.Count > 0)
            problems.Add($"{missing.Count} committed, and neither in the live database nor in a place that was named: {string.Join("; ", missing.Take(3))}");
    }

    /// <summary>Everything that was in the live database before the operation began.</summary>
    public async Task CheckUndoneAsync(RoundResult undo)
    {
        var live = await Contents.ReadAsync(world.Admin.On("shop"));
        if (!undo.Succeeded || model.Claims.Any(c => model.WasLive(c) && !c.IsIn(live)))
            problems.Add($"the undo does not bring back what was there ({undo})");
    }

    /// <summary>Whatever the next run does, it loses nothing, and raises no error that is not in the catalogue.</summary>
    public async Task CheckAgainAsync(RoundResult result, string named)
    {
        if (result.Failure is not null and not DbSafetyException)
            problems.Add($"the next run ended with an exception that is not in the catalogue: {result.Failure}");
        if (await world.OidAsync() == 0)
        {
            problems.Add($"there is no database of this name after the next run ({result})");
            return;
        }

        var missing = await MissingAsync(await Contents.ReadAsync(world.Admin.On("shop")), named);
        if (missing.Count > 0)
            problems.Add($"after the next run ({result}) {missing.Count} committed are neither in the live database nor in a place that was named: {string.Join("; ", missing.Take(3))}");
    }

    /// <summary>After the next run nothing of ours is left over.</summary>
    public async Task CheckLeftOversAsync()
    {
        var left = (await world.DatabasesAsync()).Where(d => d.Contains("_restoring_", StringComparison.Ordinal) || d.Contains("_rehearsal_", StringComparison.Ordinal)).ToList();
        if (left.Count > 0)
            problems.Add($"left over after the next run: {string.Join(", ", left)}");
        await CheckSetsAsync();
    }

    private async Task CheckSetsAsync()
    {
        foreach (var set in await new ListBackups().RunAsync(new BackupListRequest(world.Backups), new RecordedEvents(), CancellationToken.None))
        {
            if (set.State == BackupState.Intact && !(await new TestBackup().RunAsync(new BackupTestRequest(set.Path), new RecordedEvents(), CancellationToken.None)).Passed)
                problems.Add($"{set.Path} looks intact and is not");
        }
    }

    private void CheckEnd(RoundResult result, RoundAction? action)
    {
        if (result.Failure is not null and not DbSafetyException)
            problems.Add($"it ended with an exception that is not in the catalogue: {result.Failure}");
        else if (result.Kind is ErrorKind.Usage or ErrorKind.Cancelled || (result.Kind == ErrorKind.Missing && action is null or { Disrupts: false })
            // A restored copy that a crash has taken rows from is found by its counts.
            || (result.Kind == ErrorKind.Verification && !operation.IsMigration && action is null or { Disrupts: false }))
            problems.Add($"an error of the kind {result.Kind} is not among those allowed: {result.Error}");
        else if (action is null && result.Succeeded == operation.FailsByItself)
            problems.Add($"by itself it {result}");
    }

    /// <summary>Looks into retained databases and backup sets that were named only where something is not in the live database.</summary>
    private async Task<IReadOnlyList<Claim>> MissingAsync(Contents live, string named)
    {
        var places = new List<Contents> { live };
        IReadOnlyList<Claim> Missing() => [.. model.Missing(places).Where(c => !operation.Allows(c))];
        if (Missing().Count == 0)
            return [];
        foreach (var database in (await world.DatabasesAsync()).Where(d => d != "shop" && named.Contains(d, StringComparison.Ordinal)))
            places.Add(await Contents.ReadAsync(world.Admin.On(database)));
        foreach (var file in Directory.GetFiles(world.Backups, "*.since.sql").Where(f => named.Contains(f, StringComparison.Ordinal)))
            places.Add(await world.ReadSinceAsync(file));
        if (Missing().Count == 0)
            return [];
        if (named.Contains(world.Set, StringComparison.Ordinal))
            places.Add(setContents);
        foreach (var set in Directory.GetFiles(world.Backups, "*.json").Where(s => named.Contains(s, StringComparison.Ordinal)))
            places.Add(await world.ReadSetAsync(set));
        return Missing();
    }

    private async Task CheckReachedAsync(RoundResult result, Contents live)
    {
        var target = Target.Where(c => !model.WasTouched(c)).ToList();
        var lacking = target.Where(c => !c.IsIn(live)).ToList();
        if (operation.Replaces && lacking.Count > 0)
            problems.Add($"it succeeded, and the live database lacks {lacking.Count} of its target: {string.Join("; ", lacking.Take(3))}");
        if (result.Value is PgBackup backup)
        {
            var set = await world.ReadSetAsync(backup.Path);
            var lost = target.Where(c => !c.IsIn(set)).ToList();
            if (lost.Count > 0)
                problems.Add($"it succeeded, and the set lacks {lost.Count} rows committed before it began: {string.Join("; ", lost.Take(3))}");
        }

        if (operation.IsMigration && !operation.FailsByItself && result.Value is SafeMigration { Outcome: SafeMigrationOutcome.Applied or SafeMigrationOutcome.NothingToDo } && live.Count("ran", "m1") != 1)
            problems.Add("it succeeded, and the migration's changes are not there");
        if (operation.Name == "retention" && (await new ListBackups().RunAsync(new BackupListRequest(world.Backups), new RecordedEvents(), CancellationToken.None)).All(s => s.State != BackupState.Intact))
            problems.Add("no intact backup is left");
    }

    private async Task CheckUnchangedAsync(RoundResult result, Contents live, RoundAction? action)
    {
        // What the migration drops, the other tool's run of it has dropped.
        var ranElsewhere = action?.Name == "runs another tool's migrate";
        var lacking = model.Claims.Where(c => model.WasLive(c) && !c.IsIn(live) && !(ranElsewhere && operation.Allows(c))).ToList();
        if (lacking.Count > 0)
            problems.Add($"it reported that nothing was changed ({result.Error}), and the live database lacks {string.Join("; ", lacking.Take(3))}");
        if (await world.OidAsync() != OidBefore)
            problems.Add($"it reported that nothing was changed ({result.Error}), and another database has the name");
        if (operation.IsMigration && !ranElsewhere && live.Count("ran", "m1") > 0)
            problems.Add($"it reported that nothing was changed ({result.Error}), and the migration's row is there");
    }
}
