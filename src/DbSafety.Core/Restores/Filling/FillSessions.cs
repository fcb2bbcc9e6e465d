using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Restores.Filling;

/// <summary>Several sessions that fill the same database.</summary>
internal sealed class FillSessions : IAsyncDisposable
{
    private readonly List<NpgsqlConnection> all = [];

    public IReadOnlyList<NpgsqlConnection> All => all;

    public static async Task<FillSessions> OpenAsync(DatabaseTarget database, int count, CancellationToken ct)
    {
        var sessions = new FillSessions();
        try
        {
            while (sessions.all.Count < count)
                sessions.all.Add(await FillSettings.OpenAsync(database, ct));
            return sessions;
        }
        catch
        {
            await sessions.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in all)
            await session.DisposeAsync();
    }
}
