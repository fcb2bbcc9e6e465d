namespace DbSafety.Integration.Tests.Analysis.Peers;

/// <summary>The checkouts below the folder that <c>DBSAFETY_PEERS</c> names: <c>squawk</c>, <c>eugene</c>, <c>strong_migrations</c>, <c>atlas</c>, <c>pg-schema-diff</c>.</summary>
internal static class PeerFolders
{
    public const string Variable = "DBSAFETY_PEERS";

    public static string? Root => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    public static IEnumerable<PeerInput> Inputs(string root) => new List<PeerInput>(
    [
        .. SquawkTests.Read(Path.Combine(root, "squawk")),
        .. EugeneExamples.Read(Path.Combine(root, "eugene")),
        .. StrongMigrationsTests.Read(Path.Combine(root, "strong_migrations")),
        .. AtlasTests.Read(Path.Combine(root, "atlas")),
        .. SchemaDiffCases.Read(Path.Combine(root, "pg-schema-diff")),
    ]).DistinctBy(i => i.Name);
}

/// <summary>A round over the tests of other tools.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PeersFactAttribute : FactAttribute
{
    public PeersFactAttribute() => Skip = PeerFolders.Root is null ? $"{PeerFolders.Variable} names no folder of other tools' checkouts" : null;
}
