using System.Security.Cryptography;
using System.Text;
using DbSafety.Backups;
using DbSafety.Databases;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>Makes a database like the one that was backed up, and gives it what a dump does not carry.</summary>
internal static class DatabaseCreation
{
    private const string InvalidLocale = "22023"; // invalid_parameter_value
    private const string WrongObject = "42809"; // wrong_object_type: unknown locale names before PostgreSQL 16

    /// <summary>What the CREATE DATABASE of a temporary database of this one begins with, in <c>pg_stat_activity.query</c> too.</summary>
    public static string Sign(string database, MarkKind kind) =>
        $"/* dbsafety {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{kind} {database}")))[..16]} */ ";

    /// <summary>From <c>template0</c>, with encoding and locale as given, empty.</summary>
    /// <param name="mark">What the database is, where others find it; <see cref="KeptDatabases.MarkNewAsync"/> writes it down afterwards.</param>
    /// <exception cref="DbSafetyException"><c>DBS307</c> the server lacks the locale; <c>DBS108</c> no right to make databases.</exception>
    public static async Task CreateAsync(NpgsqlConnection connection, string name, DatabaseProperties like, CancellationToken ct, DatabaseMark? mark = null)
    {
        var sql = $"CREATE DATABASE {SqlName.Quote(name)} TEMPLATE template0 ENCODING {SqlName.Literal(like.Encoding)} LC_COLLATE {SqlName.Literal(like.Collate)} LC_CTYPE {SqlName.Literal(like.CType)}";
        if (like.LocaleProvider == "i" && like.IcuLocale is { } icu)
            sql += $" LOCALE_PROVIDER icu ICU_LOCALE {SqlName.Literal(icu)}";
        else if (like.LocaleProvider == "b" && like.IcuLocale is { } builtin)
            sql += $" LOCALE_PROVIDER builtin BUILTIN_LOCALE {SqlName.Literal(builtin)}";
        else if (connection.PostgreSqlVersion.Major >= 15)
            sql += " LOCALE_PROVIDER libc";
        if (mark is not null)
            sql = $"{Sign(mark.Of, mark.Kind)}{sql} CONNECTION LIMIT {KeptDatabases.CreationLimit(mark.Of, mark.Kind)}";
        try
        {
            await connection.ExecuteAsync(sql, ct);
        }
        catch (PostgresException e) when (e.SqlState is InvalidLocale or WrongObject)
        {
            throw ErrorCatalogue.LocaleMissing.Because(e, connection.DataSource, e.MessageText);
        }
    }

    /// <summary>Owner, privileges, comment, connection limit, settings, and whether it is a template. Those of roles that are not there are returned as notes.</summary>
    public static async Task<IReadOnlyList<string>> DressAsync(NpgsqlConnection connection, string name, DatabaseProperties like, CancellationToken ct)
    {
        var roles = (await connection.ListAsync("SELECT rolname FROM pg_catalog.pg_roles", r => r.GetString(0), ct)).ToHashSet(StringComparer.Ordinal);
        var (database, notes) = (SqlName.Quote(name), new List<string>());
        // As its owner, which it may not be any more in a moment.
        if (like.IsTemplate)
            await connection.ExecuteAsync($"ALTER DATABASE {database} IS_TEMPLATE true", ct);
        if (roles.Contains(like.Owner))
            await connection.ExecuteAsync($"ALTER DATABASE {database} OWNER TO {SqlName.Quote(like.Owner)}", ct);
        else
            notes.Add($"the owner {like.Owner} is not a role of this server");
        await connection.ExecuteAsync($"ALTER DATABASE {database} CONNECTION LIMIT {like.ConnectionLimit}", ct);
        await KeptDatabases.SetCommentAsync(connection, name, DatabaseMark.Without(like.Comment), ct);
        foreach (var setting in like.Settings)
        {
            if (setting.Role is { } role && !roles.Contains(role))
                notes.Add($"the setting {setting.Setting} of the role {role} was left out: it is not a role of this server");
            else
                await connection.ExecuteAsync(SettingSql(setting, database), ct);
        }

        if (like.Grants is { } grants)
            notes.AddRange(await GrantAsync(connection, database, grants, roles, ct));
        return notes;
    }

    private static async Task<IReadOnlyList<string>> GrantAsync(
        NpgsqlConnection connection, string database, IReadOnlyList<DatabaseGrant> grants, HashSet<string> roles, CancellationToken ct)
    {
        var notes = new List<string>();
        await connection.ExecuteAsync($"REVOKE ALL ON DATABASE {database} FROM PUBLIC", ct);
        foreach (var grant in grants)
        {
            if (grant.Grantee is { } missing && !roles.Contains(missing))
            {
                notes.Add($"the right {grant.Privilege} of the role {missing} was left out: it is not a role of this server");
                continue;
            }

            var grantee = grant.Grantee is { } role ? SqlName.Quote(role) : "PUBLIC";
            await connection.ExecuteAsync($"GRANT {grant.Privilege} ON DATABASE {database} TO {grantee}{(grant.Grantable ? " WITH GRANT OPTION" : "")}", ct);
        }

        return notes;
    }

    private static string SettingSql(DatabaseSetting setting, string database)
    {
        var (name, value) = (setting.Setting.Split('=', 2)[0], setting.Setting.Split('=', 2)[1]);
        var whose = setting.Role is { } role ? $"ROLE {SqlName.Quote(role)} IN DATABASE {database}" : $"DATABASE {database}";
        // A list of names (search_path and its like) is stored quoted as it was written, and taken so.
        return $"ALTER {whose} SET {SqlName.Quote(name)} TO {(ListSettings.Contains(name) ? value : SqlName.Literal(value))}";
    }

    /// <summary>GUC_LIST_QUOTE settings (src/bin/pg_dump/dumputils.c, variable_is_guc_list_quote).</summary>
    private static readonly HashSet<string> ListSettings = new(StringComparer.OrdinalIgnoreCase)
    {
        "local_preload_libraries", "search_path", "session_preload_libraries", "shared_preload_libraries", "temp_tablespaces", "unix_socket_directories",
    };
}
