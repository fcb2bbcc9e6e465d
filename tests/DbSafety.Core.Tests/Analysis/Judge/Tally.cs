namespace DbSafety.Core.Tests.Analysis.Judge;

/// <summary>Counts of a comparison.</summary>
/// <param name="Scripts">Of these the parser understood nothing in <paramref name="Foreign"/>: SQL of another system, templates.</param>
/// <param name="Statements">Of these no parser understood <paramref name="NotUnderstood"/>, and one of another version <paramref name="ByOtherVersions"/>.</param>
/// <param name="Wanted">Effects that had to be found.</param>
/// <param name="Found">Findings of rules that can be judged.</param>
/// <param name="Split">Statements that begin or end elsewhere; <paramref name="Explained"/> are those where that is right.</param>
internal sealed record Tally(int Scripts, int Foreign, int Statements, int NotUnderstood, int ByOtherVersions, int Wanted, int Found, int Split, int Explained, int Missed, int False)
{
    public static Tally Nothing { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    public double FalseRate => (double)False / Math.Max(Found, 1);

    public static Tally operator +(Tally a, Tally b) => new(
        a.Scripts + b.Scripts, a.Foreign + b.Foreign, a.Statements + b.Statements, a.NotUnderstood + b.NotUnderstood, a.ByOtherVersions + b.ByOtherVersions,
        a.Wanted + b.Wanted, a.Found + b.Found, a.Split + b.Split, a.Explained + b.Explained, a.Missed + b.Missed, a.False + b.False);

    public override string ToString() =>
        $"{Scripts} scripts ({Foreign} not for PostgreSQL), {Statements} statements ({NotUnderstood} not understood by any parser, {ByOtherVersions} by another version's), "
        + $"{Split} split differently ({Explained} more with a reason); {Wanted} effects, {Missed} missed; {Found} findings, {False} false ({100 * FalseRate:0.000} %)";
}
