using DbSafety.Migrations.Sources;

namespace DbSafety.Migrations.Histories.Reading;

/// <summary>Of the tables that could be a tool's migration history, those that the tool itself uses with this search_path, and those of other schemas.</summary>
internal sealed record HistoryChoice(IReadOnlyList<FoundHistory> Own, IReadOnlyList<FoundHistory> Elsewhere)
{
    /// <param name="isProgram">The migrations are programs, which can specify a schema that is unknown here.</param>
    public static HistoryChoice Of(IReadOnlyList<FoundHistory> all, SchemaPath path, bool isProgram)
    {
        var own = all.Where(f => IsOwn(f, path)).ToList();
        if (own.Count == 0 && path.Visible.Select(s => all.Where(f => f.Schema == s && f.History.UsesPath && (isProgram || f.History.IsSearched)).ToList()).FirstOrDefault(f => f.Count > 0) is { } searched)
            own = searched;
        if (own.Count == 0 && isProgram && !path.IsSet && all.Count == 1)
            own = [.. all];
        return new HistoryChoice(own, [.. all.Except(own)]);
    }

    /// <summary>Its tool finds it: it is where the tool creates it with this search_path.</summary>
    public static bool IsOwn(FoundHistory found, SchemaPath path) =>
        found.Schema == (found.History.UsesPath ? path.First : found.History.Schema)
        // Atlas creates it in the schema of its URL.
        || (found.History.Tool == HistoryTable.Atlas.Tool && path.IsSet && found.Schema == path.First);
}
