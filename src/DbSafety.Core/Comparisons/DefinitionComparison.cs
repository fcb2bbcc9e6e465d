using DbSafety.Databases.Definitions;

namespace DbSafety.Comparisons;

/// <summary>Compares the definitions of two databases, object by object and property by property. No I/O.</summary>
internal static class DefinitionComparison
{
    private const string ByDefault = "the default";

    /// <summary>The value of a property that an object does not have, if it is not "none".</summary>
    private static readonly Dictionary<string, string> Defaults = new(StringComparer.Ordinal)
    {
        ["state"] = "ENABLE", ["populated"] = "yes",
        ["access method"] = ByDefault, ["collation"] = ByDefault, ["compression"] = ByDefault, ["privileges of PUBLIC"] = ByDefault, ["privileges of the owner"] = ByDefault, ["replica identity"] = ByDefault,
        ["statistics target"] = ByDefault, ["storage"] = ByDefault, ["subtype collation"] = ByDefault, ["tablespace"] = ByDefault,
    };

    /// <summary>What has columns.</summary>
    private static readonly string[] Kinds = ["table ", "view ", "materialized view ", "foreign table ", "type "];

    public static IReadOnlyList<DefinitionDifference> Compare(SchemaDefinitions reference, SchemaDefinitions difference)
    {
        string[] unread = [.. reference.Unread.Union(difference.Unread).Select(k => k + " ")];
        var (before, now) = (ByName(reference, unread), ByName(difference, unread));
        List<DefinitionDifference> found = [];
        foreach (var one in before.Values)
        {
            if (now.TryGetValue(one.Name, out var other))
                found.AddRange(Properties(one, other));
            else if (IsImplicit(one))
                found.AddRange(Properties(one, new SchemaObject(one.Name, null)));
            else if (one.Parent is null || now.ContainsKey(one.Parent) || !before.ContainsKey(one.Parent))
                found.Add(new DefinitionDifference(one.Name, DifferenceKind.Missing));
        }

        found.AddRange(now.Values.Where(o => !before.ContainsKey(o.Name) && IsImplicit(o)).SelectMany(o => Properties(new SchemaObject(o.Name, null), o)));
        found.AddRange(now.Values.Where(o => !before.ContainsKey(o.Name) && !IsImplicit(o) && (o.Parent is null || before.ContainsKey(o.Parent) || !now.ContainsKey(o.Parent)))
            .Select(o => new DefinitionDifference(o.Name, DifferenceKind.Added)));
        found.AddRange(ColumnOrders(before, now));
        return [.. found.OrderBy(d => d.Object, StringComparer.Ordinal)];
    }

    /// <summary>
    /// It exists in every database, and is read if a property differs from its default: schema public, and what is PostgreSQL's or an extension's own, of which only
    /// privileges are read.
    /// </summary>
    private static bool IsImplicit(SchemaObject one) =>
        one.Name == "schema public" || (one.Properties.Count > 0 && !one.Name.StartsWith("default privileges ", StringComparison.Ordinal) && one.Properties.Keys.All(p => p.StartsWith("privileges of ", StringComparison.Ordinal)));

    private static Dictionary<string, SchemaObject> ByName(SchemaDefinitions definitions, string[] unread)
    {
        var named = new Dictionary<string, SchemaObject>(definitions.Objects.Count, StringComparer.Ordinal);
        foreach (var one in definitions.Objects.Where(o => !Array.Exists(unread, u => o.Name.StartsWith(u, StringComparison.Ordinal))))
            named.TryAdd(one.Name, one);
        return named;
    }

    /// <summary>The properties in which two objects differ.</summary>
    public static IEnumerable<DefinitionDifference> Properties(SchemaObject reference, SchemaObject difference)
    {
        foreach (var property in reference.Properties.Keys.Union(difference.Properties.Keys).Where(p => p != SchemaObject.Position).Order(StringComparer.Ordinal))
        {
            var (before, now) = (reference.Properties.GetValueOrDefault(property), difference.Properties.GetValueOrDefault(property));
            if (before != now)
                yield return new DefinitionDifference(reference.Name, DifferenceKind.Changed) { Property = property, Reference = Shown(property, before, now), Difference = Shown(property, now, before) };
        }
    }

    /// <summary>Null: not to be shown.</summary>
    private static string? Shown(string property, string? value, string? other) => (value, other) switch
    {
        (null, _) when other is not null && TextHash.IsOne(other) => null,
        (null, "yes") => "no",
        (null, _) => Defaults.GetValueOrDefault(property, "none"),
        _ => TextHash.IsOne(value) ? null : value,
    };

    /// <summary>Of the columns that both sides have, and have a place for.</summary>
    private static IEnumerable<DefinitionDifference> ColumnOrders(Dictionary<string, SchemaObject> before, Dictionary<string, SchemaObject> now)
    {
        var common = before.Values.Where(o => o.Parent is not null && o.Properties.ContainsKey(SchemaObject.Position))
            .Select(o => (Before: o, Now: now.GetValueOrDefault(o.Name)))
            .Where(c => c.Now?.Properties.ContainsKey(SchemaObject.Position) == true);
        foreach (var table in common.GroupBy(c => c.Before.Parent!))
        {
            string[] first = [.. table.OrderBy(c => Place(c.Before)).Select(c => c.Before.Name)];
            string[] second = [.. table.OrderBy(c => Place(c.Now!)).Select(c => c.Before.Name)];
            if (!first.SequenceEqual(second))
                yield return new DefinitionDifference(table.Key, DifferenceKind.Changed) { Property = "column order", Reference = Names(table.Key, first), Difference = Names(table.Key, second) };
        }
    }

    private static int Place(SchemaObject column) => int.Parse(column.Properties[SchemaObject.Position], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary><c>column public.orders.note</c> of <c>table public.orders</c> is <c>note</c>.</summary>
    private static string Names(string parent, string[] columns)
    {
        var kind = Kinds.First(k => parent.StartsWith(k, StringComparison.Ordinal));
        var start = "column ".Length + parent.Length - kind.Length + 1;
        return string.Join(", ", columns.Select(c => c[start..]));
    }
}
