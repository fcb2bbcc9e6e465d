namespace DbSafety.Comparisons;

/// <summary>An object that is not defined as in the reference, or one of its properties.</summary>
/// <param name="Object">Its kind and name, such as <c>policy tenant_only on public.orders</c>.</param>
/// <param name="Kind"><see cref="DifferenceKind.Missing"/>, <see cref="DifferenceKind.Added"/> or <see cref="DifferenceKind.Changed"/>.</param>
public sealed record DefinitionDifference(string Object, DifferenceKind Kind)
{
    /// <summary>The property that changed; null where the object is missing or new.</summary>
    public string? Property { get; init; }

    /// <summary>The property's value in the reference; null where it is a long text or a password.</summary>
    public string? Reference { get; init; }

    /// <summary>The property's value in what was compared; null where it is a long text or a password.</summary>
    public string? Difference { get; init; }

    public override string ToString() => Kind switch
    {
        DifferenceKind.Missing => $"{Object}: it is missing",
        DifferenceKind.Added => $"{Object}: it is new",
        _ when Reference is null || Difference is null || Reference.Contains('\n', StringComparison.Ordinal) || Difference.Contains('\n', StringComparison.Ordinal) => $"{Object}: {Property} changed",
        _ => $"{Object}: {Property} changed from {Reference} to {Difference}",
    };
}
