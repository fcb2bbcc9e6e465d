namespace DbSafety.Testing;

/// <summary>Takes long and judges what other tests cover as well: in long rounds only; else it is named as not run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LongFactAttribute : FactAttribute
{
    private const string Reason = "runs in --long";

    public LongFactAttribute(bool needsRoot = false) => Skip = SkipReason(needsRoot);

    internal static string? SkipReason(bool needsRoot) => !Round.IsLong ? Reason : needsRoot && !Environment.IsPrivilegedProcess ? "requires root" : null;
}

/// <inheritdoc cref="LongFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LongTheoryAttribute : TheoryAttribute
{
    public LongTheoryAttribute(bool needsRoot = false) => Skip = LongFactAttribute.SkipReason(needsRoot);
}
