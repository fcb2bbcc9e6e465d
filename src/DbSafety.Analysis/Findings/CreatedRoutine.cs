namespace DbSafety.Analysis.Findings;

/// <summary>A routine as the set created it.</summary>
/// <param name="Parameters">As written, in parentheses.</param>
/// <param name="Definition">CREATE FUNCTION …; null if it cannot be read.</param>
/// <param name="Replaces">In place of that of the live database with the same parameters; false where that may be called as well.</param>
internal sealed record CreatedRoutine(string Parameters, string? Definition, bool Replaces)
{
    public bool TakesNothing => Parameters.All(c => c is '(' or ')' || char.IsWhiteSpace(c));
}
