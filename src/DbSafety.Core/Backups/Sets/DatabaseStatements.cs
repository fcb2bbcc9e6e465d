using System.Globalization;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups.Dumps;
using DbSafety.Databases.Definitions;

namespace DbSafety.Backups.Sets;

/// <summary>
/// The properties of the database itself in the statements of a dump: owner, comment, connection limit, settings, privileges, security labels. pg_dump --create writes them, and
/// every archive has them for pg_restore --create. If a database is restored under another name, they cannot run unchanged.
/// </summary>
internal sealed class DatabaseStatements
{
    private static readonly string[] Privileges = ["CONNECT", "CREATE", "TEMPORARY"];

    private readonly List<string> unread = [];
    private readonly List<DatabaseSetting> settings = [];
    private readonly List<DatabaseLabel> labels = [];
    private DatabaseProperties properties;
    private List<DatabaseGrant>? grants;

    /// <summary>Of <c>SET SESSION AUTHORIZATION</c>: who grants.</summary>
    private string? session;

    private DatabaseStatements(DatabaseProperties properties) => this.properties = properties;

    /// <param name="start">The properties that CREATE DATABASE specifies.</param>
    /// <param name="database">Statements about other databases are ignored.</param>
    /// <returns>The properties, and the statements whose effect is not known. An owner that is not named has an empty name, as the grantee of its privileges, too.</returns>
    public static (DatabaseProperties Properties, IReadOnlyList<string> Unread) Read(DatabaseProperties start, string database, IEnumerable<string> sql)
    {
        var reader = new DatabaseStatements(start);
        foreach (var statement in sql.SelectMany(StatementTokens.Split))
        {
            if (!reader.Take(statement, database))
                reader.unread.Add(statement.Text);
        }

        return (reader.properties with { Settings = reader.settings, Grants = reader.grants, SecurityLabels = reader.labels.Count > 0 ? reader.labels : null }, reader.unread);
    }

    /// <returns>Whether it is understood.</returns>
    private bool Take(StatementTokens statement, string database)
    {
        if (statement.Skip("SET", "SESSION", "AUTHORIZATION") || statement.Skip("RESET", "SESSION", "AUTHORIZATION"))
        {
            session = statement.IsAtEnd || statement.Skip("DEFAULT") ? null : statement.Take();
            return true;
        }

        if (statement.Skip("CREATE", "DATABASE"))
            return statement.Take() != database || properties.Owner.Length > 0 || session is null || Set(properties with { Owner = session });
        if (statement.Skip("DROP", "DATABASE"))
            return true;
        if (statement.Skip("ALTER", "DATABASE"))
            return statement.Take() != database || TakeChange(statement, null);
        if (statement.Skip("ALTER", "ROLE") || statement.Skip("ALTER", "USER"))
            return (statement.Skip("ALL") ? null : statement.Take()) is var role && statement.Skip("IN", "DATABASE") && (statement.Take() != database || TakeChange(statement, role));
        if (statement.Skip("COMMENT", "ON", "DATABASE"))
            return statement.Take() != database || TakeComment(statement);
        if (statement.Skip("SECURITY", "LABEL"))
            return TakeLabel(statement, database);
        return statement.Skip("GRANT") ? TakeGrant(statement, database, isGrant: true) : statement.Skip("REVOKE") && TakeGrant(statement, database, isGrant: false);
    }

    private bool TakeChange(StatementTokens statement, string? role)
    {
        if (statement.Skip("SET", "TABLESPACE"))
            return role is null && Set(properties with { Tablespace = statement.Take() });
        if (statement.Skip("SET"))
            return TakeSetting(statement, role);
        if (role is not null)
            return false;
        if (statement.Skip("OWNER", "TO"))
            return Set(properties with { Owner = statement.Take() });
        statement.Skip("WITH");
        if (statement.Skip("CONNECTION", "LIMIT"))
            return statement.Skip("=") | int.TryParse(statement.Take(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit) && Set(properties with { ConnectionLimit = limit });
        return statement.Skip("IS_TEMPLATE") && (statement.Skip("=") | bool.TryParse(statement.Take(), out var isTemplate)) && Set(properties with { IsTemplate = isTemplate });
    }

    private bool Set(DatabaseProperties changed)
    {
        properties = changed;
        return true;
    }

    private bool TakeSetting(StatementTokens statement, string? role)
    {
        var name = statement.Take();
        if (!statement.Skip("TO") && !statement.Skip("="))
            return false;
        var values = new List<string>();
        do
            values.Add(statement.Take());
        while (statement.Skip(","));
        if (!statement.IsAtEnd)
            return false;
        // A list is stored with its names quoted; a list that names nothing is stored as "".
        var value = ListSettings.Contains(name) && values is not [""] ? string.Join(", ", values.Select(SqlName.Quote)) : string.Join(", ", values);
        settings.RemoveAll(s => s.Role == role && s.Setting.StartsWith(name + "=", StringComparison.Ordinal));
        settings.Add(new DatabaseSetting(role, $"{name}={value}"));
        return true;
    }

    private bool TakeComment(StatementTokens statement) => statement.Skip("IS") && Set(properties with { Comment = statement.Skip("NULL") ? null : statement.Take() });

    private bool TakeLabel(StatementTokens statement, string database)
    {
        if (!statement.Skip("FOR") || statement.Take() is var provider && !statement.Skip("ON", "DATABASE"))
            return false;
        if (statement.Take() == database && statement.Skip("IS"))
            labels.Add(new DatabaseLabel(provider, statement.Take()));
        return true;
    }

    private bool TakeGrant(StatementTokens statement, string database, bool isGrant)
    {
        var isOption = !isGrant && statement.Skip("GRANT", "OPTION", "FOR");
        var named = new List<string>();
        do
        {
            var privilege = statement.Take().ToUpperInvariant();
            if (privilege == "ALL")
                statement.Skip("PRIVILEGES");
            named.AddRange(privilege == "ALL" ? Privileges : [privilege == "TEMP" ? "TEMPORARY" : privilege]);
        }
        while (statement.Skip(","));
        if (!statement.Skip("ON", "DATABASE") || named.Except(Privileges, StringComparer.Ordinal).Any())
            return false;
        if (statement.Take() != database)
            return true;
        if (!statement.Skip(isGrant ? "TO" : "FROM"))
            return false;
        var roles = new List<string?>();
        do
            roles.Add(statement.Skip("PUBLIC") ? null : statement.Take());
        while (statement.Skip(","));
        Change(roles, named, isGrant, isOption, isGrant && statement.Skip("WITH", "GRANT", "OPTION"));
        return true;
    }

    /// <summary>They change what a new database has: ALL for its owner, CONNECT and TEMPORARY for PUBLIC.</summary>
    private void Change(List<string?> roles, List<string> privileges, bool isGrant, bool isOption, bool isGrantable)
    {
        grants ??= [.. Privileges.Select(p => new DatabaseGrant(properties.Owner, p, false)), new DatabaseGrant(null, "CONNECT", false), new DatabaseGrant(null, "TEMPORARY", false)];
        // A role without a grant option is the owner, or a superuser, who grants as the owner.
        var grantor = session == properties.Owner || !grants.Any(g => g.Grantee == session && g.Grantable) ? null : session;
        foreach (var (role, privilege) in roles.SelectMany(r => privileges.Select(p => (r, p))))
        {
            var at = grants.FindIndex(g => g.Grantee == role && g.Privilege == privilege && g.Grantor == grantor);
            if (isOption && at >= 0)
                grants[at] = grants[at] with { Grantable = false };
            else if (isGrant && at < 0)
                grants.Add(new DatabaseGrant(role, privilege, isGrantable) { Grantor = grantor });
            else if (isGrant)
                grants[at] = grants[at] with { Grantable = grants[at].Grantable || isGrantable };
            else if (at >= 0)
                grants.RemoveAt(at);
        }
    }
}
