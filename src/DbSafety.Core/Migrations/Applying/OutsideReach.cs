using System.Text;
using System.Text.RegularExpressions;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Sources;
using DbSafety.Restores.Creation;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>A statement with an effect outside the copy that a rollback does not undo.</summary>
/// <param name="File">The script's path as findings name it.</param>
/// <param name="What">What it does, as a verb with its object.</param>
internal sealed record OutsideStatement(string File, int Line, string What, string Text)
{
    public override string ToString() => $"{File} line {Line} {What}: {Text}";
}

/// <summary>The effects to find; each scope includes the previous one.</summary>
internal enum ReachScope
{
    /// <summary>Access to other servers, and running programs.</summary>
    Elsewhere,

    /// <summary>Also writing files: the copy is on this machine, and not isolated.</summary>
    Machine,

    /// <summary>Also effects on the entire server, and code that cannot be analysed: the copy is on production's server.</summary>
    Server,
}

/// <summary>
/// Which statements access other servers or run programs, and which change the entire server rather than its database. It reads the statements,
/// including bodies and SQL in literals, and the code that the database's own routines, triggers, defaults and views call.
/// </summary>
internal sealed class OutsideReach
{
    /// <summary>The maximum number of names of code that cannot be analysed.</summary>
    private const int MostNames = 5;

    private const string Opaque = "is written in an untrusted or unknown language";

    private readonly Dictionary<string, string> routines = new(StringComparer.Ordinal);
    private readonly ReachScope scope;

    private OutsideReach(ReachScope scope) => this.scope = scope;

    /// <summary>Code that runs without being called by name, such as a trigger that accesses another server.</summary>
    public IReadOnlyList<string> Unasked { get; private set; } = [];

    /// <summary>Code of the database that accesses other servers, programs or files, regardless of the caller, except through functions that <see cref="DisabledExtensions"/> disables.</summary>
    public IReadOnlyList<string> Held { get; private init; } = [];

    /// <summary>Code of the database that cannot be analysed.</summary>
    public IReadOnlyList<string> Unread { get; private init; } = [];

    /// <summary>From the text of the scripts only.</summary>
    public static OutsideReach ByWords { get; } = new(ReachScope.Elsewhere);

    public static async Task<OutsideReach> ReadAsync(NpgsqlConnection connection, ReachScope scope, CancellationToken ct)
    {
        var pieces = (await connection.ListAsync(DatabaseCode.Sources, DatabaseCode.Read, ct)).Distinct().ToList();
        if (scope == ReachScope.Elsewhere)
        {
            var every = new OutsideReach(scope);
            every.Unasked = every.Follow(pieces, withDisabled: true);
            return every;
        }

        var judge = new OutsideReach(scope);
        // A role without server-wide privileges cannot run such statements of a routine.
        var held = scope == ReachScope.Machine || await connection.ScalarAsync<bool>(DatabaseCode.ActsOnServer, ct)
            ? pieces.Where(p => !p.IsOfExtension).Select(p => (Piece: p, What: p.IsOpaque ? Opaque : judge.Reads(p.Source, withDisabled: false))).Where(p => p.What is not null).Select(p => $"{p.Piece} {p.What}")
            : [];
        var unknown = await connection.ListAsync(DatabaseCode.UnknownExtensions, r => r.GetString(0), ct, (object)DisabledExtensions.Harmless.Concat(DisabledExtensions.Names).ToArray());
        var dynamic = pieces.Where(p => p is { Kind: "routine", IsOfExtension: false } && (OutsideWords.Dynamic().IsMatch(p.Source) || OutsideWords.FromText().IsMatch(p.Source))).Select(p => p.Name);
        var reach = new OutsideReach(scope)
        {
            Held = [.. held.Distinct(StringComparer.Ordinal)],
            Unread = [.. Named("dynamic SQL in", dynamic), .. Named("functions of extensions", unknown)],
            Unasked = scope == ReachScope.Server ? judge.Follow(pieces, withDisabled: false) : [],
        };
        reach.Follow(pieces, withDisabled: true);
        return reach;
    }

    /// <summary>Code of the scripts that cannot be analysed.</summary>
    public static IEnumerable<string> UnreadIn(IEnumerable<MigrationFile> files)
    {
        var statements = files.SelectMany(f => SqlSplitter.Split(f.Text).Select(s => (Place: $"{f.RelativePath} line {s.Line}", Statement: s))).ToList();
        return
        [
            .. Named("dynamic SQL in", statements.Where(s => Text(s.Statement, withLiterals: true) is var text && (OutsideWords.FromText().IsMatch(text) || (IsCode(s.Statement) && OutsideWords.Dynamic().IsMatch(text)))).Select(s => s.Place)),
            .. Named("functions of the extensions created in", statements.Where(s => s.Statement.StartsWith("create") && s.Statement.Tokens.Count > 2 && s.Statement.Tokens[1].Is("extension") && !s.Statement.Tokens.Any(t => t.IsName && DisabledExtensions.Harmless.Contains(t.Value))).Select(s => s.Place)),
        ];
    }

    private static IEnumerable<string> Named(string what, IEnumerable<string> names)
    {
        var distinct = names.Distinct(StringComparer.Ordinal).ToList();
        return distinct.Count == 0 ? [] : [$"{what} {string.Join(", ", distinct.Take(MostNames))}{(distinct.Count > MostNames ? $" and {distinct.Count - MostNames} more" : "")}"];
    }

    /// <summary>Follows the calls from code that accesses other servers, programs or files to its callers, by name.</summary>
    /// <returns>Such code that runs without being called by name.</returns>
    private List<string> Follow(IEnumerable<DatabaseCode> pieces, bool withDisabled)
    {
        var unasked = new List<string>();
        var open = pieces.ToDictionary(p => p, p => OutsideWords.NamesIn(p.Source).ToHashSet(StringComparer.Ordinal));
        for (var found = true; found;)
        {
            found = false;
            foreach (var (piece, names) in open.ToList())
            {
                if ((piece.IsOpaque ? Opaque : Reads(piece.Source, withDisabled) ?? ReadsNot(piece.Source, isCode: true)
                    ?? (names.FirstOrDefault(n => !(piece.IsNamed && n.Equals(piece.Name, StringComparison.OrdinalIgnoreCase)) && routines.ContainsKey(n)) is { } called ? $"calls {called}, which {routines[called]}" : null)) is not { } what)
                    continue;
                (found, _) = (true, open.Remove(piece));
                if (piece.IsNamed)
                    routines.TryAdd(piece.Name.ToLowerInvariant(), what);
                // A materialized view is populated when the copy is created.
                if (!piece.IsNamed || piece.Kind == "materialized view")
                    unasked.Add($"{piece} {what}");
            }
        }

        return unasked;
    }

    public IEnumerable<OutsideStatement> In(IEnumerable<MigrationFile> files) =>
        files.SelectMany(f => In(f.RelativePath, SqlSplitter.Split(f.Text)));

    public IEnumerable<OutsideStatement> In(string file, IEnumerable<SqlStatement> statements) =>
        statements.Select(s => (Statement: s, What: Of(s))).Where(s => s.What is not null).Select(s => new OutsideStatement(file, s.Statement.Line, s.What!, s.Statement.Excerpt));

    /// <returns>The effect of that kind; null: none that is known.</returns>
    public string? Of(SqlStatement statement)
    {
        var isCode = IsCode(statement);
        if (Text(statement, withLiterals: isCode || statement.Contains("execute") || statement.Contains("prepare")) is var text && (Reads(text, withDisabled: true) ?? ReadsNot(text, isCode)) is { } what)
            return what;
        var depth = 0;
        for (var i = 0; isCode && i + 1 < statement.Tokens.Count; i++)
        {
            depth += statement.Tokens[i].IsMark('(') ? 1 : statement.Tokens[i].IsMark(')') ? -1 : 0;
            if (depth == 0 && statement.Tokens[i].Is("language") && statement.Tokens[i + 1].Value.ToLowerInvariant() is var language && !OutsideWords.Trusted.Contains(language))
                return InLanguage(language);
        }

        foreach (var token in statement.Tokens)
        {
            if (token.IsName && routines.TryGetValue(token.Value.ToLowerInvariant(), out var does))
                return $"uses {token.Value}, which {does}";
            if (isCode && token.Kind == SqlTokenKind.Text && OutsideWords.NamesIn(token.Value).FirstOrDefault(routines.ContainsKey) is { } called)
                return $"uses {called}, which {routines[called]}";
        }

        return null;
    }

    private static bool IsCode(SqlStatement statement) => statement.StartsWith("do") || statement.Contains("function") || statement.Contains("procedure");

    /// <param name="withDisabled">Also functions that <see cref="DisabledExtensions"/> disables in a copy.</param>
    private string? Reads(string text, bool withDisabled)
    {
        if (((withDisabled ? First(OutsideWords.Disabled) : null) ?? First(OutsideWords.Outward)) is { } outward)
            return outward;
        if (OutsideWords.Language().Match(text) is { Success: true } untrusted)
            return InLanguage(untrusted.Groups[1].Value.ToLowerInvariant());
        if (((scope >= ReachScope.Machine ? First(OutsideWords.MachineWide) : null) ?? (scope >= ReachScope.Server ? First(OutsideWords.ServerWide) : null)) is { } wide)
            return wide;
        return null;

        string? First((Regex Pattern, string What)[] patterns) =>
            patterns.Select(p => p.Pattern.Match(text) is { Success: true } match ? p.What.Replace("{0}", match.Value.Trim(), StringComparison.Ordinal) : null).FirstOrDefault(w => w is not null);
    }

    /// <returns>That it runs dynamic SQL, if this can change production's server; null: it does not.</returns>
    private string? ReadsNot(string text, bool isCode) =>
        scope < ReachScope.Server ? null
        : OutsideWords.FromText().IsMatch(text) ? "runs SQL from a string, which can change the entire server"
        : isCode && OutsideWords.Dynamic().IsMatch(text) ? "runs dynamic SQL, which can change the entire server" : null;

    private static string InLanguage(string language) => $"runs code in language {language}, which is untrusted or unknown";

    /// <summary>Without comments, its tokens apart.</summary>
    private static string Text(SqlStatement statement, bool withLiterals)
    {
        var text = new StringBuilder();
        foreach (var token in statement.Tokens)
        {
            if (token.Kind == SqlTokenKind.Text)
                text.Append('\'').Append(withLiterals ? token.Value : "").Append('\'');
            else
                text.Append(token.Written);
            text.Append(' ');
        }

        return text.ToString();
    }
}
