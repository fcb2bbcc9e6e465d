using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Backups.Sets;

/// <summary>The settings of a server in files of the set, and the names of those whose secrets were masked.</summary>
internal sealed record WrittenSettings(IReadOnlyList<BackupFile> Files, IReadOnlyList<string> Findings);

/// <summary>
/// The settings that were made in configuration files and on the server's command line, <c>pg_hba.conf</c> and <c>pg_ident.conf</c>: what no dump
/// contains. They are for a person who sets up a new server; no restore reads them. What the role cannot read is left out, with a warning.
/// </summary>
internal static partial class ServerSettings
{
    public const string Ending = ".server.conf";

    /// <summary>Which of the server's own files go along, by the setting that has their path.</summary>
    private static readonly (string Setting, string Ending)[] OwnFiles = [("hba_file", ".pg_hba.conf"), ("ident_file", ".pg_ident.conf")];

    /// <summary>What the files contain, the last value of each name; requires a superuser, or EXECUTE on pg_show_all_file_settings().</summary>
    private const string FromFiles = """
        SELECT DISTINCT ON (lower(name)) name, setting, sourcefile || ':' || sourceline FROM pg_catalog.pg_file_settings
         WHERE name IS NOT NULL AND setting IS NOT NULL ORDER BY lower(name), seqno DESC
        """;

    /// <summary>What every role can see. A session's own settings hide those of the files, so the value that RESET would set is taken.</summary>
    private const string FromServer = """
        SELECT name, CASE WHEN source IN ('session', 'client') THEN reset_val ELSE pg_catalog.current_setting(name) END,
               coalesce(sourcefile || ':' || sourceline, source)
          FROM pg_catalog.pg_settings
         WHERE source IN ('configuration file', 'command line', 'environment variable')
            OR source IN ('session', 'client') AND reset_val <> boot_val AND context NOT IN ('internal', 'backend', 'superuser-backend')
         ORDER BY name
        """;

    private const string FromCommandLine = """
        SELECT name, pg_catalog.current_setting(name), source FROM pg_catalog.pg_settings WHERE source IN ('command line', 'environment variable') ORDER BY name
        """;

    /// <summary>Paths of the machine that is gone: the new server has its own.</summary>
    private static readonly string[] Places = ["data_directory", "config_file", "hba_file", "ident_file", "external_pid_file"];

    public static async Task<WrittenSettings> WriteAsync(NpgsqlConnection connection, SetDraft draft, IOperationEvents events, CancellationToken ct)
    {
        var (files, masked) = (new List<BackupFile>(), new List<string>());
        if (await OrWarnAsync("the server's settings", () => SettingsAsync(connection, masked, ct), events) is { } settings)
            files.Add(await WriteAsync(draft, Ending, Encoding.UTF8.GetBytes(settings), ct));
        foreach (var (setting, ending) in OwnFiles)
        {
            if (await OrWarnAsync(ending[1..], () => OwnFileAsync(connection, setting, ct), events) is not { } original)
                continue;
            // Byte by byte: such a file has no encoding of its own.
            var text = Encoding.Latin1.GetString(original);
            var safe = ServerSecrets.Lines(text);
            if (safe != text)
                masked.Add(ending[1..]);
            if (IncludePattern().Match(text) is { Success: true } include)
                events.Warning($"{ending[1..]} includes other files, which are not part of the backup: {include.Value.Trim()}");
            files.Add(await WriteAsync(draft, ending, Encoding.Latin1.GetBytes(safe), ct));
        }

        return new WrittenSettings(files, masked.Count > 0 ? [$"secrets of the server's settings are masked in the backup: {string.Join(", ", masked)}"] : []);
    }

    /// <summary>As lines of a postgresql.conf. A line that must not be used as it is, is a comment.</summary>
    private static async Task<string> SettingsAsync(NpgsqlConnection connection, List<string> masked, CancellationToken ct)
    {
        List<(string Name, string Value, string Source)> settings;
        try
        {
            settings = await ReadAsync(FromFiles);
            var started = await ReadAsync(FromCommandLine);
            settings = [.. settings.ExceptBy(started.Select(s => s.Name), s => s.Name, StringComparer.OrdinalIgnoreCase), .. started];
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            settings = await ReadAsync(FromServer);
        }

        var text = new StringBuilder("# Settings of the server: copy those that fit the new server to its postgresql.conf.\n");
        foreach (var (name, value, source) in settings)
        {
            var safe = ServerSecrets.Value(name, value);
            if (safe != value)
                masked.Add(name);
            var (mark, note) = safe != value ? ("#", ", the secret is masked") : Places.Contains(name, StringComparer.OrdinalIgnoreCase) ? ("#", "") : ("", "");
            var quoted = safe.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal).ReplaceLineEndings("\\n");
            text.Append($"{mark}{name} = '{quoted}'  # {source.ReplaceLineEndings(" ")}{note}\n");
        }

        return text.ToString();

        Task<List<(string Name, string Value, string Source)>> ReadAsync(string sql) => connection.ListAsync(sql, r => (r.GetString(0), r.GetString(1), r.GetString(2)), ct);
    }

    private static async Task<byte[]> OwnFileAsync(NpgsqlConnection connection, string setting, CancellationToken ct) =>
        (await connection.ListAsync("SELECT pg_catalog.pg_read_binary_file(pg_catalog.current_setting($1))", r => (byte[])r.GetValue(0), ct, setting)).Single();

    private static async Task<T?> OrWarnAsync<T>(string what, Func<Task<T>> read, IOperationEvents events)
        where T : class
    {
        try
        {
            return await read();
        }
        catch (PostgresException e)
        {
            events.Warning($"{what} could not be backed up: {e.MessageText}");
            return null;
        }
    }

    private static async Task<BackupFile> WriteAsync(SetDraft draft, string ending, byte[] content, CancellationToken ct)
    {
        await using var file = draft.Create(ending);
        await file.WriteAsync(content, ct);
        file.Flush(flushToDisk: true);
        return new BackupFile(draft.Name + ending, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    [GeneratedRegex(@"^[ \t]*(?:include(?:_if_exists|_dir)?\b.*|[^#\n]*[\s,]@\S+)", RegexOptions.Multiline)]
    private static partial Regex IncludePattern();
}
