using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis.Findings.History;

/// <summary>
/// The search path of the session that runs the scripts, and the schemas that exist: a schema that the set creates or drops, or another role, changes which schema a name without one means
/// (https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SEARCH-PATH).
/// </summary>
/// <param name="names">As the session sets it, with <c>$user</c>.</param>
/// <param name="user">The role of the session.</param>
/// <param name="schemas">Those of the live database.</param>
internal sealed class SessionPath(IReadOnlyList<string> names, string user, IEnumerable<string> schemas)
{
    private const string OfUser = "$user";

    /// <summary>They are searched without being in the list of schemas, or before all others.</summary>
    private const string Temporary = "pg_temp";

    private readonly HashSet<string> existing = new(schemas, StringComparer.Ordinal);

    /// <summary>Whether they exist is not known.</summary>
    private readonly HashSet<string> uncertain = new(StringComparer.Ordinal);

    /// <summary>Those that the set has created, dropped or renamed.</summary>
    private readonly HashSet<string> changed = new(StringComparer.Ordinal);

    private readonly string? start = new List<string>(names).ConvertAll(n => n == OfUser ? user : n).Find(new HashSet<string>(schemas, StringComparer.Ordinal).Contains);

    public IReadOnlyList<string> Names => names;

    /// <summary>The first schema of the path that exists; null: none does, or it is not known.</summary>
    /// <param name="role">Null: the session's own.</param>
    public string? First(IReadOnlyList<string> path, string? role) => path.Select(n => n == OfUser ? role ?? user : n).FirstOrDefault(Is) is { } first && !uncertain.Contains(first) ? first : null;

    /// <summary>Which one comes first is not known.</summary>
    public bool IsUnknown(IReadOnlyList<string> path, string? role) => path.Select(n => n == OfUser ? role ?? user : n).FirstOrDefault(Is) is { } first && uncertain.Contains(first);

    /// <summary>The first one, where it is another than before the set; null: it is the same, or not known.</summary>
    public string? Moved(string? role) => First(names, role) is { } first && first != start ? first : null;

    /// <summary>The path finds what that of the session found before the set.</summary>
    public bool IsSame(IReadOnlyList<string> path, string? role) =>
        !changed.Any(c => path.Concat(names).Any(n => n == c || (n == OfUser && c == (role ?? user)))) && path.Select(n => n == OfUser ? role ?? user : n).Where(Is).SequenceEqual(names.Select(n => n == OfUser ? user : n).Where(Is), StringComparer.Ordinal);

    /// <summary>A role of that name has, or may have, a schema of its own in the path.</summary>
    public bool MovesWith(IReadOnlyList<string> path, string role) => path.Contains(OfUser) && Is(role) && role != user;

    /// <summary>It creates, drops or renames a schema that the path names.</summary>
    public bool Concerns(Effect effect) => effect.Object.Kind == ObjectKind.Schema && effect.Cause switch
    {
        Command.CreateObject => IsNamed(NameOf(effect)) && !Is(NameOf(effect)),
        Command.Drop => IsNamed(NameOf(effect)),
        ObjectAction.RenameTo rename => IsNamed(NameOf(effect)) || IsNamed(rename.Name),
        _ => false,
    };

    /// <param name="isCertain">False in bodies: whether and when they run is not known.</param>
    public void Apply(Effect effect, bool isCertain)
    {
        switch (effect.Cause)
        {
            case Command.CreateObject when effect.Object.Kind == ObjectKind.Schema && !Is(NameOf(effect)):
                Note(NameOf(effect), exists: true, isCertain);
                break;
            case Command.Drop when effect.Object.Kind == ObjectKind.Schema:
                Note(NameOf(effect), exists: false, isCertain);
                break;
            case ObjectAction.RenameTo rename when effect.Object.Kind == ObjectKind.Schema:
                Note(NameOf(effect), exists: false, isCertain);
                Note(rename.Name, exists: true, isCertain);
                break;
            case Command.Transaction { Word: "rollback" or "rollback to" or "abort" }:
                uncertain.UnionWith(changed);
                break;
        }
    }

    private string NameOf(Effect effect) => effect.Object.Name.Name is "current_user" or "session_user" or "current_role" ? user : effect.Object.Name.Name;

    private bool IsNamed(string schema) => names.Any(n => n == OfUser ? schema == user : n == schema);

    private bool Is(string schema) => existing.Contains(schema) || uncertain.Contains(schema) || schema == Temporary;

    private void Note(string schema, bool exists, bool isCertain)
    {
        changed.Add(schema);
        if (!isCertain)
            uncertain.Add(schema);
        else if (exists)
            existing.Add(schema);
        else
            existing.Remove(schema);
    }
}
