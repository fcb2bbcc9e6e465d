using DbSafety.Integration.Tests.Rounds.Versions;

namespace DbSafety.Integration.Tests.Databases.Connections;

/// <summary>Runs where PostgreSQL 17 and 18 are unpacked; else it is named as not run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class VersionTheoryAttribute : TheoryAttribute
{
    public VersionTheoryAttribute() =>
        Skip = PostgresVersions.Programs(17) is null || PostgresVersions.Programs(18) is null ? "PostgreSQL 17 and 18 are not on this machine: run tests/postgres-versions.sh as root" : null;
}
