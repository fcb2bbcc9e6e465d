using System.Security.Cryptography;
using System.Text;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Definitions;
using DbSafety.Errors;
using DbSafety.Restores.Swaps;
using Npgsql;

namespace DbSafety.Restores.Creation;

/// <summary>Creates a database like the original, with the properties that a dump does not contain.</summary>
internal static class DatabaseCreation
{
    private const string InvalidLocale = "22023"; // invalid_parameter_value
    private const string WrongObject = "42809"; // wrong_object_type: unknown locale names before PostgreSQL 16
    private const string CannotChange = "55P02"; // cant_change_runtime_param

    /// <summary>The beginning of the CREATE DATABASE of a temporary database of this database, in <c>pg_stat_activity.query</c> too.</summary>
    public static string Sign(string database, MarkKind kind) =>
        $"/* dbsafety {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{kind} {database}")))[..16]} */ ";

    /// <summary>From <c>template0</c>, with this encoding, locale and tablespace, empty. A tablespace that is unavailable is returned as a note.</summary>
    /// <param name="mark">What the database is, if other sessions can see it; <see cref="RetainedDatabases.MarkNewAsync"/> writes it afterwards.</param>
    /// <param name="otherwise">The database whose encoding and locale it gets if the server lacks the locale; null: it is not created.</param>
    /// <exception cref="DbSafetyException"><c>DBS307</c> the server lacks the locale; <c>DBS108</c> the CREATEDB privilege is missing.</exception>
    public static async Task<IReadOnlyList<string>> CreateAsync(NpgsqlConnection connection, string name, DatabaseProperties like, CancellationToken ct, DatabaseMark? mark = null, DatabaseProperties? otherwise = null)
    {
        var sql = $"CREATE DATABASE {SqlName.Quote(name)} TEMPLATE template0 ENCODING {SqlName.Literal(like.Encoding)} LC_COLLATE {SqlName.Literal(like.Collate)} LC_CTYPE {SqlName.Literal(like.CType)}";
        if (like.LocaleProvider == "i" && like.IcuLocale is { } icu)
            sql += $" LOCALE_PROVIDER icu ICU_LOCALE {SqlName.Literal(icu)}{(like.IcuRules is { } rules ? $" ICU_RULES {SqlName.Literal(rules)}" : "")}";
        else if (like.LocaleProvider == "b" && like.IcuLocale is { } builtin)
            sql += $" LOCALE_PROVIDER builtin BUILTIN_LOCALE {SqlName.Literal(builtin)}";
        else if (connection.PostgreSqlVersion.Major >= 15)
            sql += " LOCALE_PROVIDER libc";
        var problem = like.Tablespace is { } tablespace ? await TablespaceProblemAsync(connection, tablespace, ct) : null;
        if (like.Tablespace is not null && problem is null)
            sql += $" TABLESPACE {SqlName.Quote(like.Tablespace)}";
        if (mark is not null)
            sql = $"{Sign(mark.Of, mark.Kind)}{sql} CONNECTION LIMIT {RetainedDatabases.CreationLimit(mark.Of, mark.Kind)}";
        try
        {
            await connection.ExecuteAsync(sql, ct);
        }
        catch (PostgresException e) when (e.SqlState is InvalidLocale or WrongObject)
        {
            if (otherwise is not null)
                return [$"the database has the encoding {otherwise.Encoding} and the locale {otherwise.IcuLocale ?? otherwise.Collate}, not those of the backup: {e.MessageText}", .. await CreateAsync(connection, name, otherwise with { Tablespace = like.Tablespace }, ct, mark)];
            throw ErrorCatalogue.LocaleMissing.Because(e, connection.DataSource, e.MessageText);
        }

        return problem is null ? [] : [$"the database is in the server's default tablespace: {problem}"];
    }

    private static async Task<string?> TablespaceProblemAsync(NpgsqlConnection connection, string tablespace, CancellationToken ct) =>
        await connection.ListAsync("SELECT pg_catalog.has_tablespace_privilege(oid, 'CREATE') FROM pg_catalog.pg_tablespace WHERE spcname = $1", r => r.GetBoolean(0), ct, tablespace) is [var isAllowed]
            ? isAllowed ? null : $"permission denied for tablespace {tablespace} (GRANT CREATE ON TABLESPACE)"
            : $"tablespace {tablespace} does not exist on this server";

    /// <summary>
    /// Owner, privileges, comment, connection limit, settings, security labels, and whether it is a template. What this server does not accept (a role that it
    /// lacks, a setting that it does not know or that this role cannot set) is returned as notes. Connections stay allowed: <see cref="CloseAsync"/>.
    /// </summary>
    public static async Task<IReadOnlyList<string>> DressAsync(NpgsqlConnection connection, string name, DatabaseProperties like, CancellationToken ct)
    {
        var roles = (await connection.ListAsync("SELECT rolname FROM pg_catalog.pg_roles", r => r.GetString(0), ct)).ToHashSet(StringComparer.Ordinal);
        var (database, notes) = (SqlName.Quote(name), new List<string>());
        // As its owner, because it can lose the ownership next.
        if (like.IsTemplate)
            await connection.ExecuteAsync($"ALTER DATABASE {database} IS_TEMPLATE true", ct);
        if (roles.Contains(like.Owner))
            await connection.ExecuteAsync($"ALTER DATABASE {database} OWNER TO {SqlName.Quote(like.Owner)}", ct);
        else
            notes.Add($"the owner {like.Owner} does not exist as a role on this server");
        await connection.ExecuteAsync($"ALTER DATABASE {database} CONNECTION LIMIT {like.ConnectionLimit}", ct);
        await RetainedDatabases.SetCommentAsync(connection, name, DatabaseMark.Without(like.Comment), ct);
        foreach (var setting in like.Settings)
        {
            if (setting.Role is { } role && !roles.Contains(role))
                notes.Add($"the setting {setting.Setting} of the role {role} was left out: the role does not exist on this server");
            else if (await RefusalAsync(connection, DatabaseSettingSql.Of(setting, database), ct) is { } refusal)
                notes.Add($"the setting {setting.Setting}{(setting.Role is { } whose ? $" of the role {whose}" : "")} was left out: {refusal}");
        }

        foreach (var label in like.SecurityLabels ?? [])
        {
            if (await RefusalAsync(connection, $"SECURITY LABEL FOR {SqlName.Quote(label.Provider)} ON DATABASE {database} IS {SqlName.Literal(label.Label)}", ct) is { } refusal)
                notes.Add($"the security label {label.Label} of the provider {label.Provider} was left out: {refusal}");
        }

        if (like.Grants is { } grants)
            notes.AddRange(await DatabaseGrants.ApplyAsync(connection, database, grants, roles.Contains(like.Owner) ? like.Owner : null, roles, ct));
        return notes;
    }

    /// <summary>From then on no session can connect, including superusers.</summary>
    public static Task<int> CloseAsync(NpgsqlConnection connection, string name, CancellationToken ct) =>
        connection.ExecuteAsync($"ALTER DATABASE {SqlName.Quote(name)} ALLOW_CONNECTIONS false", ct);

    /// <summary>Why the server rejects the contents of the statement; null: it was executed.</summary>
    public static async Task<string?> RefusalAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        try
        {
            await connection.ExecuteAsync(sql, ct);
            return null;
        }
        catch (PostgresException e) when (e.SqlState is CannotChange or PostgresErrorCodes.FeatureNotSupported || e.SqlState.StartsWith("22", StringComparison.Ordinal) || e.SqlState.StartsWith("42", StringComparison.Ordinal))
        {
            return e.MessageText;
        }
    }
}
