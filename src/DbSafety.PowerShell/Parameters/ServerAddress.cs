using System.Globalization;
using System.Text.RegularExpressions;
using DbSafety.Errors;

namespace DbSafety.PowerShell.Parameters;

/// <summary>A server in the formats that users type and that DbSafety's objects show: <c>host</c>, <c>host:5432</c>, <c>[::1]:5432</c>, <c>/folder (port 5432)</c>.</summary>
internal sealed partial record ServerAddress(string Host, int? Port)
{
    /// <exception cref="DbSafetyException"><c>DBS105</c>.</exception>
    public static ServerAddress Parse(string text)
    {
        var match = WithPort().Match(text.Trim());
        if (!match.Success)
            return new ServerAddress(text.Trim().Trim('[', ']'), null);
        return int.TryParse(match.Groups["port"].Value, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
            ? new ServerAddress(match.Groups["host"].Value.Trim('[', ']'), port)
            : throw ErrorCatalogue.TargetInvalid.For("the server", "its port is not a number from 1 to 65535");
    }

    // A bare IPv6 address has several colons; none of them precedes a port.
    [GeneratedRegex(@"^(?<host>/.*) \(port (?<port>\d+)\)$|^(?<host>\[[^\]]+\]|[^:/\[\]]+):(?<port>\d+)$")]
    private static partial Regex WithPort();
}
