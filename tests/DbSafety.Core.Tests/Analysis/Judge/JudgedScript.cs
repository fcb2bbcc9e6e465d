namespace DbSafety.Core.Tests.Analysis.Judge;

/// <summary>A script as PostgreSQL's parser sees it.</summary>
/// <param name="Whole">The parser took it as one text; else it was cut as psql cuts it.</param>
internal sealed record JudgedScript(bool Whole, IReadOnlyList<JudgedStatement> Statements);

/// <param name="Start">Of its first token, in UTF-16 units.</param>
/// <param name="End">Behind its last token.</param>
/// <param name="Version">The major version whose parser understood it; null where none did.</param>
/// <param name="Mixed">A command for psql stands in its middle.</param>
/// <param name="Guessed">It stands on psql's variables: what it does is sure, the names are not.</param>
/// <param name="BodyRead">What its body does is among <paramref name="Effects"/>.</param>
internal sealed record JudgedStatement(
    int Start, int End, int Line, int? Version, string? Error, bool Mixed, bool Guessed, bool BodyRead, IReadOnlyList<JudgedEffect> Effects);

/// <param name="Objects">Names it may go by, in parts; a null part and no names at all stand for any.</param>
/// <param name="Must">False: a finding is right but not asked for.</param>
/// <param name="Body">It stands inside of a DO block or of a routine.</param>
internal sealed record JudgedEffect(string Rule, IReadOnlyList<IReadOnlyList<string?>> Objects, bool Must, bool Body)
{
    public bool Fits(string rule, string name) => rule == Rule && (Objects.Count == 0 || Objects.Any(o => Fits(o, Parts(name))));

    /// <summary>The same loss, in whichever schema and table it is said to be.</summary>
    public bool FitsByLastName(string rule, string name) => rule == Rule && (Objects.Count == 0 || Objects.Any(o => o[^1] is null || o[^1] == Parts(name)[^1]));

    public override string ToString() => $"{Rule}:{(Objects.Count == 0 ? "*" : string.Join('|', Objects.Select(o => string.Join('.', o.Select(p => p ?? "*"))).Distinct()))}{(Body ? " (in a body)" : "")}";

    private static bool Fits(IReadOnlyList<string?> wanted, List<string> parts) =>
        wanted.Count == parts.Count && wanted.Zip(parts).All(p => p.First is null || p.First == p.Second);

    /// <summary>The parts of <c>a."B".c</c>.</summary>
    private static List<string> Parts(string name)
    {
        var parts = new List<string>();
        for (var at = 0; at < name.Length; at++)
        {
            var quoted = name[at] == '"';
            var end = quoted ? name.IndexOf('"', at + 1) : name.IndexOf('.', at);
            while (quoted && end >= 0 && end + 1 < name.Length && name[end + 1] == '"')
                end = name.IndexOf('"', end + 2);
            end = end < 0 ? name.Length : end;
            parts.Add(quoted ? name[(at + 1)..end].Replace("\"\"", "\"", StringComparison.Ordinal) : name[at..end]);
            at = quoted ? end + 1 : end;
        }

        return parts;
    }
}
