using DbSafety.Analysis.Rules;

namespace DbSafety.Analysis;

/// <summary>The ids of all rules, for completion and for checking what people write.</summary>
public static class RuleCatalogue
{
    /// <summary>In alphabetical order.</summary>
    public static IReadOnlyList<string> Ids => MigrationAnalyser.RuleIds;

    /// <summary>It gives advice for designs, and is off unless it is chosen.</summary>
    internal static bool IsStyle(string rule) => MigrationAnalyser.Rules.Any(r => r is StyleRule && r.Id == rule);

    /// <summary>The first of these that is not a rule; null: all are.</summary>
    internal static string? Unknown(IEnumerable<string> rules) => rules.FirstOrDefault(r => !Ids.Contains(r, StringComparer.Ordinal));

    /// <summary>The few that are most like it: by letters that differ, or by words they share.</summary>
    internal static IReadOnlyList<string> Near(string rule)
    {
        var words = rule.ToLowerInvariant().Split('-', '_', ' ');
        var near = Ids.Select(id => (Id: id, Distance: Distance(rule, id) - (4 * id.Split('-').Intersect(words).Count()))).OrderBy(n => n.Distance).ThenBy(n => n.Id, StringComparer.Ordinal);
        return [.. near.Take(4).Select(n => n.Id)];
    }

    /// <summary>How many letters must be put in, taken out or changed (Levenshtein).</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (from[i - 1] == to[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[to.Length];
    }
}
