using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Tools;

namespace DbSafety.Scratch;

/// <summary>
/// A throwaway PostgreSQL from whatever this machine has: its own server programs, else a Docker engine.
/// </summary>
public static class ScratchPostgres
{
    /// <param name="purpose">What needs it, for the error.</param>
    /// <exception cref="DbSafetyException"><c>DBS510</c> there is neither; <c>DBS116</c> it did not start.</exception>
    public static Task<IScratchPostgres> StartAsync(int? major, string purpose, IOperationEvents events, CancellationToken ct) =>
        StartAsync(major, purpose, null, events, ct);

    /// <summary>Isolated where that is possible; <see cref="IScratchPostgres.NotIsolatedBecause"/> says whether it is. Null: not, for what runs on it is ours.</summary>
    internal static async Task<IScratchPostgres> StartAsync(int? major, string purpose, ScratchIsolation? isolation, IOperationEvents events, CancellationToken ct)
    {
        if (await ScratchServer.IsAvailableAsync(major, ct))
            return isolation is null ? await ScratchServer.StartAsync(major, events, ct) : await ScratchServer.StartIsolatedAsync(major, isolation, events, ct);
        var request = new ScratchContainerRequest { Major = major };
        try
        {
            return await ScratchContainer.StartAsync(isolation is null ? request : request with { Username = isolation.Superuser, IsSealed = ScratchContainer.CanBeSealed }, events, ct);
        }
        catch (DbSafetyException e) when (e.Definition.Kind is ErrorKind.Missing or ErrorKind.Usage && e.Definition != ErrorCatalogue.ScratchUnavailable)
        {
            var version = major is null ? "" : $" {major}";
            throw ErrorCatalogue.NoThrowawayServer.Because(e, purpose, $"it has no PostgreSQL{version} server programs, and {e.Message}", PackageInstall.Line("postgresql", major));
        }
    }
}
