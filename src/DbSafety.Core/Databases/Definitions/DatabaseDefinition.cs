using System.Text.RegularExpressions;

namespace DbSafety.Databases.Definitions;

/// <summary>The database itself as an object with properties, for comparisons: the output of <c>pg_dump --create</c>, without its name.</summary>
internal static partial class DatabaseDefinition
{
    public const string Name = "database", Privileges = "privileges of ", SecurityLabel = "security label of ", Tablespace = "tablespace", AllowConnections = "ALLOW_CONNECTIONS", Comment = "comment";

    private const string OwnersDefault = "CONNECT, CREATE, TEMPORARY", PublicDefault = "CONNECT, TEMPORARY";

    public static SchemaObject Of(DatabaseProperties properties)
    {
        var database = new SchemaObject(Name, null);
        void Set(string property, string? value)
        {
            if (value is { Length: > 0 })
                database.Set(property, value);
        }

        Set("owner", properties.Owner);
        Set("encoding", properties.Encoding);
        Set("LC_COLLATE", properties.Collate);
        Set("LC_CTYPE", properties.CType);
        Set("locale provider", properties.LocaleProvider switch { "i" => "icu", "b" => "builtin", _ => "libc" });
        Set("locale", properties.IcuLocale);
        Set("ICU rules", properties.IcuRules);
        Set("connection limit", properties.ConnectionLimit.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Set("IS_TEMPLATE", properties.IsTemplate ? "true" : "false");
        Set(AllowConnections, properties.IsClosed == true ? "false" : "true");
        Set(Tablespace, properties.Tablespace);
        Set(Comment, properties.Comment);
        foreach (var label in properties.SecurityLabels ?? [])
            Set(SecurityLabel + label.Provider, label.Label);
        foreach (var setting in properties.Settings)
            SetSetting(database, setting);
        SetPrivileges(database, properties);
        return database;
    }

    /// <summary>A parameter with a dot in its name can contain any application value, including a secret: its value is stored as a hash.</summary>
    private static void SetSetting(SchemaObject database, DatabaseSetting setting)
    {
        var at = setting.Setting.IndexOf('=', StringComparison.Ordinal);
        var (name, value) = at < 0 ? (setting.Setting, "") : (setting.Setting[..at], setting.Setting[(at + 1)..]);
        var property = $"setting {name}{(setting.Role is { } role ? $" of role {role}" : "")}";
        if (name.Contains('.', StringComparison.Ordinal))
            value = TextHash.OfSecret(value, property);
        else if (ListSettings.Contains(name))
            value = string.Join(", ", ItemPattern().Matches(value).Select(m => m.Value.Replace("\"", "", StringComparison.Ordinal)));
        database.Set(property, value);
    }

    /// <summary>The privileges of a new database are the default.</summary>
    private static void SetPrivileges(SchemaObject database, DatabaseProperties properties)
    {
        if (properties.Grants is not { } grants)
            return;
        const string owner = Privileges + "the owner", everybody = Privileges + "PUBLIC";
        var found = grants.GroupBy(g => g.Grantee is null ? everybody : g.Grantee.Length == 0 || g.Grantee == properties.Owner ? owner : Privileges + g.Grantee)
            .ToDictionary(g => g.Key, g => string.Join(", ", g.Select(Words).Order(StringComparer.Ordinal)), StringComparer.Ordinal);
        found.TryAdd(owner, "none");
        found.TryAdd(everybody, "none");
        foreach (var (grantee, privileges) in found.Where(f => f.Value != (f.Key == owner ? OwnersDefault : f.Key == everybody ? PublicDefault : "")))
            database.Set(grantee, privileges);
    }

    private static string Words(DatabaseGrant grant) =>
        $"{grant.Privilege}{(grant.Grantable ? " WITH GRANT OPTION" : "")}{(grant.Grantor is { } grantor ? $" granted by {grantor}" : "")}";

    [GeneratedRegex("""(?:"(?:[^"]|"")*"|[^",\s])+""")]
    private static partial Regex ItemPattern();
}
