namespace DbSafety.Integration.Tests.Rounds.Interleaving;

/// <summary>A world for all tests of a class.</summary>
public sealed class RoundServer : IAsyncLifetime
{
    internal World World { get; private set; } = null!;

    public async ValueTask InitializeAsync() => World = await World.StartAsync();

    public async ValueTask DisposeAsync() => await World.DisposeAsync();
}
