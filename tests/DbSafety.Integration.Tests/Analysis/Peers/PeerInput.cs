namespace DbSafety.Integration.Tests.Analysis.Peers;

/// <summary>One input of another tool's own tests.</summary>
/// <param name="Peer">The tool.</param>
/// <param name="Rule">Its rule that the test is about.</param>
/// <param name="Test">Names the test within its rule.</param>
/// <param name="IsReported">The tool reports it; else the test says that it does not.</param>
/// <param name="Scripts">Each is deployed before the next one is written.</param>
internal sealed record PeerInput(string Peer, string Rule, string Test, bool IsReported, IReadOnlyList<string> Scripts)
{
    /// <summary>The definitions that are there before.</summary>
    public string? Given { get; init; }

    public string Name => $"{Peer} {Rule} {Test}";
}
