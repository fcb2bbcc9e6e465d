using DbSafety.Integration.Tests.Rounds.Interleaving;

namespace DbSafety.Integration.Tests.Rounds.Versions;

/// <summary>
/// Backup, restore, undo, migration and automatic restore on other versions of PostgreSQL and as other roles than the superuser, each by itself and with
/// another session acting at some of its points. Only in the long run, in a process of its own: <c>DBSAFETY_PG_BIN</c> leads to the versions' programs.
/// </summary>
[Trait("Category", "PostgresVersions")]
public sealed class VersionsRound(ITestOutputHelper output)
{
    private const string Superuser = "superuser";

    /// <summary>Combinations of a point and an action, for each operation, version and role.</summary>
    private const int Sample = 5;

    private static readonly Dictionary<string, string?> RoleSql = new(StringComparer.Ordinal)
    {
        [Superuser] = null,
        ["owner"] = "CREATE ROLE app_owner LOGIN CREATEDB",
        // What managed services give: no superuser, but more than an owner.
        ["managed"] = "CREATE ROLE app_owner LOGIN CREATEDB CREATEROLE; GRANT pg_signal_backend, pg_monitor TO app_owner",
    };

    public static TheoryData<string> Roles => [.. RoleSql.Keys];

    [PostgresVersionTheory(12)]
    [MemberData(nameof(Roles))]
    public Task PostgreSQL_12(string role) => RunAsync(12, role);

    [PostgresVersionTheory(15)]
    [MemberData(nameof(Roles))]
    public Task PostgreSQL_15(string role) => RunAsync(15, role);

    [PostgresVersionTheory(17)]
    [MemberData(nameof(Roles))]
    public Task PostgreSQL_17(string role) => RunAsync(17, role);

    [PostgresVersionTheory(18)]
    [MemberData(nameof(Roles))]
    public Task PostgreSQL_18(string role) => RunAsync(18, role);

    private async Task RunAsync(int major, string role)
    {
        var (round, failures) = (new Round(output), new List<string>());
        await using var world = await World.StartAsync(settings => PostgresVersions.StartAsync(major, settings), RoleSql[role]);
        var setContents = await world.ReadSetAsync(world.Set);
        // npm's package of version 12 is a server alone: there is nowhere to rehearse.
        foreach (var operation in RoundOperation.All.Where(o => major != 12 || o.Name != "migrate rehearsed"))
        {
            var interleaving = new Interleaving.Interleaving(world, operation, setContents);
            var (points, problems) = await interleaving.DiscoverAsync();
            if (problems.Count > 0)
            {
                failures.Add($"PostgreSQL {major} | {role} | {operation} by itself\n  {string.Join("\n  ", problems)}");
                continue;
            }

            var all = points.SelectMany(p => RoundAction.All.Select(a => (Point: p, Action: a))).ToArray();
            round.Random.Shuffle(all);
            foreach (var (point, action) in all.Take(Sample))
            {
                var (_, ended, wrong) = await interleaving.RunAsync(point, action, new Random(round.Seed));
                if (wrong.Count > 0)
                    failures.Add($"PostgreSQL {major} | {role} | {operation} | {point} | {action} | {round}\n  it {ended}\n  {string.Join("\n  ", wrong)}");
            }

            output.WriteLine($"PostgreSQL {major}, {role}: {operation}: by itself, and {Math.Min(Sample, all.Length)} of {all.Length} combinations");
        }

        Assert.True(failures.Count == 0, $"{failures.Count} failed\n{string.Join("\n", failures)}");
    }
}
