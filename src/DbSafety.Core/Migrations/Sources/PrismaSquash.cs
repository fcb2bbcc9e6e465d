namespace DbSafety.Migrations.Sources;

/// <summary>
/// Migrations of Prisma that were squashed: their folders were removed, and the migration that replaces them is the first of the folder and was marked as applied after they ran
/// (https://www.prisma.io/docs/orm/prisma-migrate/workflows/squashing-migrations). Their rows stay in the history.
/// </summary>
internal static class PrismaSquash
{
    /// <summary>The migration that replaced those whose folders are missing; null: there is no evidence of one.</summary>
    /// <param name="missing">Applied, and no longer there.</param>
    public static string? Of(MigrationFolder folder, ILookup<string, HistoryEntry> attempts, IReadOnlyCollection<string> missing)
    {
        if (folder.Source != MigrationSource.Prisma || missing.Count == 0 || folder.Files is not [var first, ..])
            return null;
        var marked = attempts[first.Name].FirstOrDefault(e => e is { IsApplied: true, IsMarked: true });
        // A missing file between other files was not replaced by it.
        var next = folder.Files.Skip(1).FirstOrDefault(f => attempts[f.Name].Any(e => e.IsApplied && e.FinishedAt < marked?.FinishedAt));
        return marked is not null && missing.All(m => attempts[m].All(e => !e.IsFailed && !(e.FinishedAt > marked.FinishedAt)) && (next is null || folder.Order.Compare(m, next.Name) < 0)) ? first.Name : null;
    }
}
