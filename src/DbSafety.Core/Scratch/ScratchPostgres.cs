using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Tools;

namespace DbSafety.Scratch;

/// <summary>
/// A temporary PostgreSQL server from what this machine has: server programs, else a Docker engine.
/// </summary>
public static class ScratchPostgres
{
    /// <param name="purpose">The operation that requires it, for the error message.</param>
    /// <exception cref="DbSafetyException"><c>DBS510</c> neither is available; <c>DBS116</c> it did not start.</exception>
    public static Task<IScratchPostgres> StartAsync(int? major, string purpose, IOperationEvents events, CancellationToken ct) =>
        StartAsync(major, purpose, null, events, ct);

    /// <summary>Isolated if possible; see <see cref="IScratchPostgres.NotIsolatedBecause"/>. Null: not isolated, because it runs only DbSafety's own SQL.</summary>
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
            throw ErrorCatalogue.NoTemporaryServer.Because(e, purpose, $"it has no PostgreSQL{version} server programs, and {e.Message}", PackageInstall.Line("postgresql", major));
        }
    }
}
