using DbSafety.Migrations.Sources;

namespace DbSafety.Migrations.Histories;

/// <summary>Compares the files with the migration history.</summary>
internal static class MigrationStates
{
    public static IReadOnlyList<PgMigration> Combine(MigrationFolder folder, IReadOnlyList<HistoryEntry> history, IReadOnlyList<StepMark> marks)
    {
        var attempts = history.ToLookup(e => e.Name, StringComparer.Ordinal);
        var known = folder.Files.Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        var last = LastApplied(folder, attempts);
        var replaced = BaselineScripts.Skipped(folder, attempts);
        var states = folder.Files.Select(f => Interrupted(State(folder, f, [.. attempts[f.Name]], last), marks))
            .Select(s => replaced.TryGetValue(s.Name, out var why) && s.State is MigrationState.Pending or MigrationState.OutOfOrder ? s with { State = MigrationState.Unlisted, Note = why } : s).ToList();
        // Applied migrations are in order, regardless of their names.
        if (folder.Files.Any(f => f.OrderDoubt is not null))
            states = NotedOrder(states, NameOrder.Unknown([.. states.Where(s => s.IsPending).Select(s => s.Name)]));
        var missing = attempts.Where(a => !known.Contains(a.Key) && a.Any(e => e.RolledBackAt is null)).ToList();
        var squashed = PrismaSquash.Of(folder, attempts, [.. missing.Select(a => a.Key)]);
        foreach (var gone in missing)
            states.Add(squashed is null ? Gone(folder.Source, gone) : Gone(folder.Source, gone) with { State = MigrationState.Applied, Note = RecoveryAdvice.Squashed(squashed) });
        if (folder.Tool is { } tool)
            states = [.. states.Select(s => s with { Tool = tool.Name })];
        return [.. states.OrderBy(s => s.Name, folder.Order)];
    }

    private static List<PgMigration> NotedOrder(List<PgMigration> states, string? doubt) =>
        doubt is null ? states : [.. states.Select(s => s.IsPending && s.Note is null ? s with { Note = RecoveryAdvice.OrderDoubtful(doubt) } : s)];

    /// <summary>The migration that must precede every pending migration.</summary>
    private static MigrationFile? LastApplied(MigrationFolder folder, ILookup<string, HistoryEntry> attempts)
    {
        var applied = folder.Files.Where(f => !f.IsRepeatable && attempts[f.Name].Any(e => e.IsApplied));
        return IsByTime(folder) ? applied.MaxBy(f => f.RecordedAs) : applied.LastOrDefault();
    }

    /// <summary>Drizzle before 1.0 runs migrations with a later time than the last one that it ran, and silently skips the others.</summary>
    private static bool IsByTime(MigrationFolder folder) => folder.Drizzle?.Layout == DrizzleLayout.Journal;

    private static bool ComesTooLate(MigrationFolder folder, MigrationFile file, MigrationFile last) =>
        IsByTime(folder) ? file.RecordedAs <= last.RecordedAs : folder.Order.Compare(file.Name, last.Name) < 0 && !(folder.Source == MigrationSource.Prisma && PrismaOrder.Unknown([file.Name, last.Name]) is not null);

    private static PgMigration State(MigrationFolder folder, MigrationFile file, List<HistoryEntry> attempts, MigrationFile? last)
    {
        var migration = new PgMigration
        {
            Name = file.Name,
            Source = folder.Source,
            State = MigrationState.Pending,
            Path = file.Path,
            Checksum = file.Checksum,
        };
        if (attempts.Find(e => e.IsFailed) is { } failed)
            return migration with { State = MigrationState.Failed, Log = failed.Log, Note = RecoveryAdvice.Failed(migration) };
        if (attempts.Find(e => e.IsApplied) is { } applied)
        {
            migration = migration with { AppliedAt = applied.FinishedAt };
            if (applied.WouldRunAgain)
                return migration with { State = MigrationState.Modified, Note = RecoveryAdvice.TimeChanged };
            return file.Bytes is null ? migration with { State = MigrationState.NoScript, Note = RecoveryAdvice.NoScript }
                : file.Matches(applied.Checksum) ? migration with { State = MigrationState.Applied, Note = applied.Note }
                : migration with { State = MigrationState.Modified, Note = RecoveryAdvice.Modified(folder) };
        }

        if (file.Bytes is null)
            return migration with { State = MigrationState.NoScript, Note = RecoveryAdvice.NoScript };
        if (file.IsUnlisted)
            return migration with { State = MigrationState.Unlisted, Note = file.NotRun ?? RecoveryAdvice.Unlisted(folder.Source, file.Name) };
        if (last is not null && folder.Tool?.AppliesLateOnes != true && !file.IsRepeatable && ComesTooLate(folder, file, last))
            return migration with { State = MigrationState.OutOfOrder, Note = RecoveryAdvice.OutOfOrder(folder, last.Name) };
        if (file.Doubt is { } doubt)
            migration = migration with { Note = RecoveryAdvice.Doubtful(file.Name, doubt) };
        return attempts.Count == 0 ? migration : migration with { State = MigrationState.RolledBack, Log = attempts[^1].Log };
    }

    /// <summary>A script in parts that was started: the migration history has it only if it records failures.</summary>
    private static PgMigration Interrupted(PgMigration migration, IReadOnlyList<StepMark> marks)
    {
        if (marks.FirstOrDefault(m => m.Name == migration.Name) is not { } mark || migration.State is not (MigrationState.Failed or MigrationState.Pending or MigrationState.OutOfOrder))
            return migration;
        var log = mark.Error ?? migration.Log ?? $"interrupted after statement {mark.Done} of {mark.Statements}";
        // All statements may have finished except the row of the migration history, which the next run writes.
        return mark.Checksum == migration.Checksum
            ? migration with { State = MigrationState.Failed, Log = log, ResumesAt = mark.Done + 1, Note = RecoveryAdvice.Resumes(migration, mark.Done, mark.Statements) }
            : migration with { State = MigrationState.Failed, Log = log, Note = RecoveryAdvice.Failed(migration) };
    }

    private static PgMigration Gone(MigrationSource source, IGrouping<string, HistoryEntry> attempts)
    {
        var entry = attempts.FirstOrDefault(e => e.IsFailed) ?? attempts.Last(e => e.RolledBackAt is null);
        var migration = new PgMigration
        {
            Name = attempts.Key,
            Source = source,
            State = MigrationState.Missing,
            Checksum = entry.Checksum,
            AppliedAt = entry.FinishedAt,
            Log = entry.Log,
            Note = RecoveryAdvice.Missing(source),
        };
        return entry.IsFailed ? migration with { State = MigrationState.Failed, Note = RecoveryAdvice.Failed(migration) } : migration;
    }
}
