using DbSafety.Errors;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Histories.Reading;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Stages;

/// <summary>
/// Migration histories of schemas that this connection does not use, as databases with a schema for each tenant have them. The listed files were applied there, not here: they are ignored
/// and reported. If nothing sets the search_path, the connection may use the wrong schema.
/// </summary>
internal static class OtherSchema
{
    /// <summary>There can be one for each tenant.</summary>
    private const int MaxRead = 20;

    private const int MaxNamed = 3;

    /// <summary>For a folder with the migration history of its tool.</summary>
    /// <exception cref="DbSafetyException"><c>DBS486</c>.</exception>
    public static async Task CheckAsync(ToolHistory history, MigrationProject project, NpgsqlConnection connection, IOperationEvents events, CancellationToken ct)
    {
        var listing = new List<FoundHistory>();
        foreach (var found in history.Elsewhere.Where(f => f.IsReadable).Take(MaxRead))
        {
            if ((await GuardedRead.ListAsync(connection, () => ToolHistories.ReadAsync(connection, found, ct), ct))?.Exists(r => ToolHistories.IsOf(r, project.Folder.Files)) == true)
                listing.Add(found);
        }

        if (listing.Count > 0)
            Report(listing, history.Path!, history.Path!.IsSet || !listing.Exists(f => f.History.UsesPath), connection.Database!, events);
    }

    /// <summary>For a folder with the migration history of Prisma, Drizzle or DbSafety.</summary>
    /// <param name="lists">Whether rows name a file that is pending here.</param>
    /// <param name="isBegun">The history that is used here has rows.</param>
    /// <param name="isChosen">The user has specified that other histories do not belong to these files.</param>
    /// <exception cref="DbSafetyException"><c>DBS486</c>.</exception>
    public static async Task CheckAsync(
        MigrationProject project, IReadOnlyList<FoundHistory> elsewhere, SchemaPath path, Func<List<HistoryRow>, bool> lists, bool isBegun, bool isChosen, NpgsqlConnection connection, IOperationEvents events, CancellationToken ct)
    {
        // Prisma has a history in each schema: if the schema in use has rows, the others are irrelevant.
        if (isBegun && (isChosen || path.IsSet || project.Folder.Source == MigrationSource.Prisma))
            return;
        var listing = new List<FoundHistory>();
        foreach (var found in elsewhere.Take(MaxRead))
        {
            if (await GuardedRead.ListAsync(connection, () => ToolHistories.ReadAsync(connection, found, ct), ct) is { } rows && lists(rows) && (!found.HasOtherName || rows.Exists(r => ToolHistories.IsOf(r, project.Folder.Files))))
                listing.Add(found);
        }

        if (listing.Count > 0)
            Report(listing, path, path.IsSet && !listing.Exists(f => path.Visible.Contains(f.Schema)), connection.Database!, events);
    }

    /// <param name="isSure">No other schema can be meant.</param>
    private static void Report(List<FoundHistory> listing, SchemaPath path, bool isSure, string database, IOperationEvents events)
    {
        var names = $"{string.Join(", ", listing.Take(MaxNamed).Select(f => f.Name))}{(listing.Count > MaxNamed ? " and more" : "")}";
        var tools = string.Join(", ", listing.Select(f => f.History.Tool).Distinct());
        if (!isSure)
            throw ErrorCatalogue.HistoryElsewhere.For(database, path.First, $"{names} of {tools}", listing[0].Schema);
        events.Warning($"{names} of {tools} {(listing.Count > 1 ? "list" : "lists")} files of this folder as applied in another schema; this connection uses schema {path.First}, where they are not applied");
    }
}
