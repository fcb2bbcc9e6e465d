namespace DbSafety.Testing;

/// <summary>Takes long and judges what other tests cover as well: in long rounds only; else it is named as not run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LongFactAttribute : FactAttribute
{
    internal const string Reason = "runs in --long";

    public LongFactAttribute(bool needsRoot = false) => Skip = !Round.IsLong ? Reason : needsRoot && !Environment.IsPrivilegedProcess ? "requires root" : null;
}

/// <inheritdoc cref="LongFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LongTheoryAttribute : TheoryAttribute
{
    public LongTheoryAttribute() => Skip = Round.IsLong ? null : LongFactAttribute.Reason;
}
