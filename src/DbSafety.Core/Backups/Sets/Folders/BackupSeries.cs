using System.Net;

namespace DbSafety.Backups.Sets.Folders;

/// <summary>
/// Which sets are backups of the same database over time. Retention removes a set only if its own series has a newer set. If
/// uncertain, sets belong to two series: a copied volume has the identifier of its original, so the address counts as well; a set without an identifier
/// (its role cannot read it, or an earlier version created the set) is never in the same series as a set with an identifier.
/// </summary>
/// <param name="SystemIdentifier">The cluster's; null where the manifest has none.</param>
/// <param name="Server">The server's address, as <see cref="ServerOf"/> writes it.</param>
internal sealed record BackupSeries(string? SystemIdentifier, string Server, string Environment, string Database)
{
    public static BackupSeries Of(BackupManifest manifest) => new(manifest.Source.SystemIdentifier, ServerOf(manifest.Source), manifest.Environment, manifest.Database);

    /// <summary>
    /// A volume's or a container's name, because the address through which it was reached changes each time; else host and port, with the
    /// machine where that is a local address.
    /// Empty for a dump that does not record it.
    /// </summary>
    public static string ServerOf(BackupSource source) => source switch
    {
        { Volume: { } volume } => $"volume {volume}",
        { Container: { } container } => source.Host.StartsWith('/') ? $"container {container}" : $"container {container} on {source.Host}",
        { Host: "" } => "",
        { Machine: { } machine } => $"{source.Host}:{source.Port} on {machine}",
        _ => $"{source.Host}:{source.Port}",
    };

    /// <summary>An address that means another server on each machine.</summary>
    public static bool IsLocal(string host) =>
        host.StartsWith('/') || host.StartsWith('@') || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
