using System.Text.RegularExpressions;

namespace DbSafety.Migrations.Sources.Names;

/// <summary>Words of names without numbers that indicate an order other than the alphabetical order: <c>pre_deploy</c>, <c>deploy</c>, <c>post_deploy</c>; <c>one</c>, <c>two</c>, <c>three</c>; <c>IX</c>, <c>X</c>.</summary>
internal static partial class NameSequence
{
    /// <summary>Words that follow one another.</summary>
    private static readonly string[][] Sequences =
    [
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"],
        ["eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn"],
        ["uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez"],
        ["un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"],
        ["alpha", "beta", "gamma", "delta", "epsilon"],
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
        ["expand", "migrate", "contract"],
        ["expand", "backfill", "contract"],
        ["begin", "middle", "end"],
        ["start", "middle", "finish"],
        ["start", "end"],
    ];

    private static readonly string[] Roman = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii", "xix", "xx"];

    /// <summary>Two names that would run in another order than their words indicate, and why; null: there are none.</summary>
    /// <param name="ordered">The names in the order in which they would run.</param>
    public static string? Against(IReadOnlyList<string> ordered)
    {
        var words = ordered.Select(Words).ToList();
        var (firsts, lasts) = (words.Select(w => w.FirstOrDefault() ?? "").ToList(), words.Select(w => w.LastOrDefault() ?? "").ToList());
        var pair = Descending([.. words.Select(w => Phase(w, words))])
            ?? Sequences.SelectMany(s => new[] { Descending(Ranks(firsts, s)), Descending(Ranks(lasts, s)) }).FirstOrDefault(p => p is not null)
            ?? Descending(RomanRanks(firsts)) ?? Descending(RomanRanks(lasts)) ?? Descending(LetterRanks(firsts));
        return pair is var (first, second) ? $"{ordered[first]} and {ordered[second]} have words that indicate another order than the alphabetical order in which they would run" : null;
    }

    /// <summary>-1: before the others; 1: after them; 0: neither.</summary>
    private static int? Phase(List<string> words, List<List<string>> all)
    {
        if (words.Count == 0)
            return 0;
        bool IsBoth(Regex one, Regex other) => all.Exists(w => w.Exists(o => one.IsMatch(o))) && all.Exists(w => w.Exists(o => other.IsMatch(o)));
        var isPair = IsBoth(Before(), After());
        foreach (var at in new[] { 0, words.Count - 1 })
        {
            var rest = words.Where((_, i) => i != at).ToList();
            // A post can be what a table holds: the word is one of order beside its opposite, or beside the same name without it.
            var isSaid = isPair || all.Exists(o => o.Count > 0 && o.SequenceEqual(rest)) || PhaseAlone().IsMatch(words[at]) || (at == 0 && rest is [var next, ..] && Stage().IsMatch(next));
            if (Before().IsMatch(words[at]) && isSaid)
                return -1;
            if (After().IsMatch(words[at]) && isSaid)
                return 1;
        }

        var name = string.Join(' ', words);
        return Beginning().IsMatch(name) ? -1 : Ending().IsMatch(name) ? 1 : 0;
    }

    private static List<int?> Ranks(List<string> words, string[] sequence) => [.. words.Select(w => Array.IndexOf(sequence, w) is var at and >= 0 ? at : (int?)null)];

    /// <summary>Each numeral once, and not only ones that are prefixes of names of objects, too (<c>v_users</c>, <c>ix_users</c>).</summary>
    private static List<int?> RomanRanks(List<string> words) =>
        Ranks(words, Roman) is var ranks && ranks.Where(r => r is not null).ToList() is var known && known.Distinct().Count() == known.Count && known.Exists(r => r is not (null or 4 or 8 or 9)) ? ranks : [];

    /// <summary>A to Z, then AA.</summary>
    private static List<int?> LetterRanks(List<string> words) =>
        words.TrueForAll(w => Letters().IsMatch(w)) && words.Contains("a") ? [.. words.Select(w => w.Aggregate(0, (rank, letter) => (rank * 26) + letter - 'a' + 1)).Select(r => (int?)r)] : [];

    /// <summary>The first two of which the later one has the lower rank.</summary>
    private static (int First, int Second)? Descending(List<int?> ranks)
    {
        var known = Enumerable.Range(0, ranks.Count).Where(i => ranks[i] is not null).ToList();
        for (var i = 1; i < known.Count; i++)
        {
            if (ranks[known[i - 1]] > ranks[known[i]])
                return (known[i - 1], known[i]);
        }

        return null;
    }

    private static List<string> Words(string name) =>
        [.. Separators().Split(SqlEnding().Replace(Humps().Replace(name, "_"), "").ToLowerInvariant()).Where(w => w.Length > 0)];

    [GeneratedRegex(@"^(pre|before|vor|vorher|avant|antes|prima)$|^pre(deploy(ment)?|migrat(e|ion)|install|update|upgrade|release|load|import|script|requisites?|reqs?)$")]
    private static partial Regex Before();

    [GeneratedRegex(@"^(post|after|nach|nachher|apr[eè]s|despu[eé]s|depois|dopo)$|^post(deploy(ment)?|migrat(e|ion)|install|update|upgrade|release|load|import|script)$")]
    private static partial Regex After();

    /// <summary>Words that are no names of objects.</summary>
    [GeneratedRegex(@"^(pre|post).{3,}|^(pre|vorher|nachher)$")]
    private static partial Regex PhaseAlone();

    [GeneratedRegex(@"^(deploy(ment)?|migrat(e|ions?)|install(ation)?|update|upgrade|release|load|import|script|steps?|checks?|data)$")]
    private static partial Regex Stage();

    [GeneratedRegex(@"^(init|initiali[sz]e|initial|bootstrap|setup|install|baseline|base|create)$|^(init|initial|bootstrap|setup|install|baseline|base|create) (db|database|schemas?|tables|all)$")]
    private static partial Regex Beginning();

    [GeneratedRegex(@"^(final|finali[sz]e|finish|last|end)( (steps?|changes))?$")]
    private static partial Regex Ending();

    [GeneratedRegex(@"^[a-z]{1,2}$")]
    private static partial Regex Letters();

    [GeneratedRegex(@"(?<=[a-z])(?=[A-Z])")]
    private static partial Regex Humps();

    [GeneratedRegex(@"[._\s()-]+")]
    private static partial Regex Separators();

    [GeneratedRegex(@"\.sql$", RegexOptions.IgnoreCase)]
    private static partial Regex SqlEnding();
}
