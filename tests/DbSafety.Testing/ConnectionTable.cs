using System.Text.RegularExpressions;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;

namespace DbSafety.Testing;

/// <summary>A row of the table in <c>docs/connections.md</c>.</summary>
/// <param name="Judge">What psql has to do with it: <c>same</c>, <c>refuses</c>, <c>not asked</c>, or a text that means the same to it.</param>
internal sealed record ConnectionRow(int Number, string Text, IReadOnlyDictionary<string, string> Environment, string Result, string Judge)
{
    private const string FilePrefix = ".env: ";

    public bool IsEnvFile => Text.StartsWith(FilePrefix, StringComparison.Ordinal);

    public string FileText => Text[FilePrefix.Length..].Replace("⏎", "\n", StringComparison.Ordinal);

    public override string ToString() => $"row {Number}: {Text}";
}

/// <summary>Reads the table, and says what a row becomes.</summary>
internal static partial class ConnectionTable
{
    public static IReadOnlyList<ConnectionRow> Read(string path) =>
    [
        .. File.ReadAllLines(path).Select(l => RowPattern().Match(l)).Where(m => m.Success).Select(m => new ConnectionRow(
            int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture),
            Code(m.Groups[2].Value),
            VariablePattern().Matches(m.Groups[3].Value).ToDictionary(v => v.Groups[1].Value, v => v.Groups[2].Value, StringComparer.Ordinal),
            Code(m.Groups[4].Value),
            Code(m.Groups[5].Value))),
    ];

    /// <summary>The files that rows name.</summary>
    public static void WriteFiles(string folder, Func<string, string> place)
    {
        File.WriteAllText(Path.Combine(folder, "service.conf"), place("# comment\n[other]\nhost=elsewhere\n\n[shop]\nhost=db.example\nport=5433\nuser=guest\ndbname=shop\nhost=second\n[after]\nhost=after\n"));
        var passwords = Path.Combine(folder, "pgpass");
        File.WriteAllText(passwords, place("#db.example:*:*:*:comment\ndb.example:1:*:*:port\ndb.example:5433:other:*:name\n*:5433:shop:app:fr\\:om\\\\file:rest\n*:*:*:*:last\n"));
        File.SetUnixFileMode(passwords, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        foreach (var name in new[] { "ca.pem", "client.crt", "client.key" }.Where(n => !File.Exists(Path.Combine(folder, n))))
            File.WriteAllText(Path.Combine(folder, name), "");
    }

    /// <exception cref="DbSafetyException">The row is refused.</exception>
    public static DatabaseTarget Resolve(ConnectionRow row, string folder, Func<string, string> place)
    {
        ProcessVariables.Use(new Dictionary<string, string>(row.Environment.Select(e => KeyValuePair.Create(e.Key, place(e.Value))), StringComparer.Ordinal) { ["HOME"] = folder });
        if (!row.IsEnvFile)
            return row.Text == "nothing" ? DatabaseTargets.FromEnvironment() : DatabaseTargets.Parse(place(row.Text));
        var file = Path.Combine(folder, $"{row.Number}.env");
        File.WriteAllText(file, place(row.FileText));
        return DatabaseTargets.FromEnvFile(file);
    }

    public static string Describe(DatabaseTarget target)
    {
        (string Name, string? Value)[] more =
        [
            ("hostaddr", target.HostAddress), ("sslmode", target.SslMode), ("sslrootcert", target.SslRootCertificate), ("sslcert", target.Security.Certificate), ("sslkey", target.Security.Key),
            ("channel_binding", target.Security.ChannelBinding), ("require_auth", target.Security.RequireAuth), ("schema", target.Schema), ("options", target.Options), ("pooler", target.IsPooler ? "yes" : null), ("servers", target.Servers?.Text),
        ];
        return $"{target.Username}{(target.Password is null ? "" : ":" + target.Password)}@{target.Host}:{target.Port}/{target.Database}" + string.Concat(more.Where(m => m.Value is not null).Select(m => $" {m.Name}={m.Value}"));
    }

    [GeneratedRegex(@"/(?:ca\.pem|none\.pem|client\.crt|client\.key|service\.conf|pgpass)")]
    public static partial Regex Files();

    private static string Code(string cell) => cell.Trim().Trim('`').Replace("\\|", "|", StringComparison.Ordinal);

    [GeneratedRegex(@"^\| (\d+) \|(.*?)\|(.*?)\|(.*?)\|(.*?)\|$")]
    private static partial Regex RowPattern();

    [GeneratedRegex(@"`(\w+)=([^`]*)`")]
    private static partial Regex VariablePattern();
}
