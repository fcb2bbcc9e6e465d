namespace DbSafety.Integration.Tests;

/// <summary>Runs as root only (it starts a Docker engine, mounts a file system or writes to the server's own folders); else it is named as not run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootFactAttribute : FactAttribute
{
    internal const string Reason = "requires root";

    public RootFactAttribute() => Skip = Environment.IsPrivilegedProcess ? null : Reason;
}

/// <inheritdoc cref="RootFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RootTheoryAttribute : TheoryAttribute
{
    public RootTheoryAttribute() => Skip = Environment.IsPrivilegedProcess ? null : RootFactAttribute.Reason;
}
