using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Restores.Filling;

/// <summary>
/// Leaves out security labels whose provider is not loaded on the server, which cannot store them: everything else is restored. No catalog lists
/// the providers, so the server is asked to remove a label.
/// </summary>
internal sealed partial class LabelProviders(DatabaseTarget database, IOperationEvents events)
{
    private const string Unknown = "dbsafety_no_provider";

    private readonly ConcurrentDictionary<string, bool> loaded = new(StringComparer.Ordinal);

    /// <summary>The statements of an archive's entry without those of providers that are not loaded.</summary>
    public async Task<string> WithoutUnloadedAsync(string statements, CancellationToken ct)
    {
        foreach (var provider in LabelPattern().Matches(statements).Select(m => m.Groups[1].Value).Distinct(StringComparer.Ordinal))
            await IsLoadedAsync(provider, ct);
        return LabelPattern().Replace(statements, m => loaded[m.Groups[1].Value] ? m.Value : "");
    }

    /// <summary>Whether a script's statement is a label of such a provider.</summary>
    public bool IsLeftOut(string statement, CancellationToken ct) =>
        statement.AsSpan().TrimStart().StartsWith("SECURITY LABEL FOR ", StringComparison.Ordinal)
        && LabelPattern().Match(statement) is { Success: true } label && !IsLoadedAsync(label.Groups[1].Value, ct).GetAwaiter().GetResult();

    /// <param name="provider">Its name as it is written, quoted where it has to be.</param>
    private async Task<bool> IsLoadedAsync(string provider, CancellationToken ct)
    {
        if (loaded.TryGetValue(provider, out var known))
            return known;
        await using var connection = await database.OpenAsync(ct, "dbsafety restore");
        var name = provider.StartsWith('"') ? provider[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : provider;
        // The server's message is localized, and contains the provider's name.
        var isLoaded = (await AnswerAsync(connection, Unknown, ct))?.Replace(Unknown, name, StringComparison.Ordinal) != await AnswerAsync(connection, name, ct);
        if (loaded.TryAdd(provider, isLoaded) && !isLoaded)
            events.Warning($"security labels of the provider {name} are left out: it is not loaded on {database.Server} (shared_preload_libraries, session_preload_libraries)");
        return isLoaded;
    }

    /// <returns>The error; null: there was none.</returns>
    private static async Task<string?> AnswerAsync(NpgsqlConnection connection, string provider, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        try
        {
            await connection.ExecuteAsync($"SECURITY LABEL FOR {SqlName.Quote(provider)} ON SCHEMA public IS NULL", ct);
            return null;
        }
        catch (PostgresException e)
        {
            return e.MessageText;
        }
    }

    /// <summary>As pg_dump writes it; one entry can hold several.</summary>
    [GeneratedRegex("""\s*SECURITY LABEL FOR ("(?:[^"]|"")+"|[^\s"]+) ON (?:"(?:[^"]|"")*"|[^"';])+ IS E?'(?:[^']|'')*';[ \t]*\n?""", RegexOptions.CultureInvariant)]
    private static partial Regex LabelPattern();
}
