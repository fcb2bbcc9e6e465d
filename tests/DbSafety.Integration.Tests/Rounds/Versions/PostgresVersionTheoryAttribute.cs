namespace DbSafety.Integration.Tests.Rounds.Versions;

/// <summary>Runs where server and client programs of that version are on this machine (<c>tests/postgres-versions.sh</c>); else it is named as not run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresVersionTheoryAttribute : TheoryAttribute
{
    public PostgresVersionTheoryAttribute(int major) => Skip = PostgresVersions.Missing(major);
}
