using DbSafety.Databases.Connections;
using DbSafety.Databases.Definitions;
using DbSafety.Databases.Tables;
using Npgsql;

namespace DbSafety.Databases.Snapshots;

/// <summary>The server and database properties in the manifest.</summary>
internal sealed record SourceFacts(
    DatabaseProperties Properties,
    long LargeObjects,
    long? DatabaseBytes,
    IReadOnlyList<ExtensionVersion> Extensions,
    IReadOnlyList<string> Roles,
    SchemaDefinitions? Definitions,
    PathDependence Paths)
{
    /// <summary>Owners, privileges, comments and contents of the large objects.</summary>
    public SchemaDefinitions? LargeObjectDetails { get; init; }
}

/// <summary>Reads the server and database properties for the manifest, in the snapshot of the backup.</summary>
internal static class SourceReader
{
    public static async Task<SourceFacts> ReadAsync(SnapshotSession snapshot, string database, bool withLargeObjects, CancellationToken ct)
    {
        var connection = snapshot.Connection;
        return new SourceFacts(
            await PropertiesAsync(connection, database, ct),
            withLargeObjects ? await FingerprintReader.LargeObjectsAsync(connection, ct) : 0,
            snapshot.Scope is null ? await connection.ScalarAsync<long>("SELECT pg_catalog.pg_database_size(pg_catalog.current_database())", ct) : null,
            await ExtensionsAsync(connection, ct),
            await RolesAsync(connection, database, ct),
            // It covers all objects, and would wait for locks on those that are not in the backup.
            snapshot.Scope is null ? await DefinitionReader.ReadAsync(connection, ct) : null,
            snapshot.Scope is null ? await PathDependence.ReadAsync(connection, ct) : new PathDependence(await SearchPath.ReadAsync(connection, ct), [], []));
    }

    /// <summary>The system identifier of the cluster, which copies of its files share; null if the role cannot read it.</summary>
    public static async Task<string?> SystemIdentifierAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        try
        {
            return await connection.ScalarAsync<string>("SELECT system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system()", ct);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.UndefinedFunction)
        {
            return null;
        }
    }

    /// <summary>The OID of the database, which another database of the same name does not have.</summary>
    public static async Task<uint?> DatabaseOidAsync(NpgsqlConnection connection, CancellationToken ct) =>
        await connection.ScalarAsync<uint>("SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()", ct);

    public static async Task<DatabaseProperties> PropertiesAsync(NpgsqlConnection connection, string database, CancellationToken ct)
    {
        var major = connection.PostgreSqlVersion.Major;
        var provider = major >= 15 ? "d.datlocprovider::text" : "'c'";
        var locale = major switch { >= 17 => "d.datlocale", >= 15 => "d.daticulocale", _ => "NULL" };
        var rules = major >= 16 ? "d.daticurules" : "NULL";
        var collationVersion = major >= 15 ? "d.datcollversion" : "NULL";
        var rows = await connection.ListAsync(
            $"""
            SELECT pg_catalog.pg_get_userbyid(d.datdba), pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, {provider}, {locale}::text,
                   {collationVersion}::text, pg_catalog.shobj_description(d.oid, 'pg_database'), d.datconnlimit, d.datistemplate, d.datacl IS NULL,
                   {rules}::text, d.datallowconn, nullif(t.spcname, 'pg_default')::text
            FROM pg_catalog.pg_database d LEFT JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname = $1
            """,
            r => new DatabaseProperties
            {
                Owner = r.GetString(0),
                Encoding = r.GetString(1),
                Collate = r.GetString(2),
                CType = r.GetString(3),
                LocaleProvider = r.GetString(4),
                IcuLocale = r.Text(5),
                CollationVersion = r.Text(6),
                Comment = DatabaseMark.Without(r.Text(7)),
                ConnectionLimit = r.GetInt32(8),
                IsTemplate = r.GetBoolean(9),
                Grants = r.GetBoolean(10) ? null : [],
                IcuRules = r.Text(11),
                IsClosed = r.GetBoolean(12) ? null : true,
                Tablespace = r.Text(13),
            },
            ct,
            database);
        var properties = rows.Single();
        return properties with
        {
            Settings = await SettingsAsync(connection, database, ct),
            SecurityLabels = await LabelsAsync(connection, database, ct) is { Count: > 0 } labels ? labels : null,
            Grants = properties.Grants is null ? null : await GrantsAsync(connection, database, ct),
        };
    }

    private static Task<List<ExtensionVersion>> ExtensionsAsync(NpgsqlConnection connection, CancellationToken ct) => connection.ListAsync(
        "SELECT e.extname, e.extversion, n.nspname FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace ORDER BY 1",
        r => new ExtensionVersion(r.GetString(0), r.GetString(1), r.GetString(2)),
        ct);

    /// <summary>Roles that own an object in the database or have privileges on one, or on the database itself.</summary>
    private static Task<List<string>> RolesAsync(NpgsqlConnection connection, string database, CancellationToken ct) => connection.ListAsync(
        """
        SELECT DISTINCT r.rolname
        FROM pg_catalog.pg_shdepend s
        JOIN pg_catalog.pg_roles r ON r.oid = s.refobjid
        JOIN pg_catalog.pg_database d ON d.datname = $1
        WHERE s.refclassid = 'pg_catalog.pg_authid'::regclass
          AND (s.dbid = d.oid OR (s.dbid = 0 AND s.classid = 'pg_catalog.pg_database'::regclass AND s.objid = d.oid))
        UNION SELECT pg_catalog.pg_get_userbyid(datdba) FROM pg_catalog.pg_database WHERE datname = $1
        ORDER BY 1
        """,
        r => r.GetString(0),
        ct,
        database);

    public static Task<string?> LsnAsync(NpgsqlConnection connection, CancellationToken ct) => connection.ScalarAsync<string>(
        "SELECT (CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn() ELSE pg_catalog.pg_current_wal_lsn() END)::text",
        ct);

    private static async Task<IReadOnlyList<DatabaseSetting>> SettingsAsync(NpgsqlConnection connection, string database, CancellationToken ct) => await connection.ListAsync(
        """
        SELECT r.rolname, c.setting
        FROM pg_catalog.pg_db_role_setting s
        JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
        LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
        CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) WITH ORDINALITY AS c (setting, position)
        WHERE d.datname = $1 ORDER BY 1 NULLS FIRST, c.position
        """,
        r => new DatabaseSetting(r.Text(0), r.GetString(1)),
        ct,
        database);

    private static async Task<IReadOnlyList<DatabaseGrant>> GrantsAsync(NpgsqlConnection connection, string database, CancellationToken ct) => await connection.ListAsync(
        """
        SELECT CASE WHEN a.grantee = 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(a.grantee) END, a.privilege_type, a.is_grantable,
               CASE WHEN a.grantor <> d.datdba THEN pg_catalog.pg_get_userbyid(a.grantor) END
        FROM pg_catalog.pg_database d CROSS JOIN LATERAL pg_catalog.aclexplode(d.datacl) a
        WHERE d.datname = $1 ORDER BY 1 NULLS FIRST, 2
        """,
        r => new DatabaseGrant(r.Text(0), r.GetString(1), r.GetBoolean(2)) { Grantor = r.Text(3) },
        ct,
        database);

    private static Task<List<DatabaseLabel>> LabelsAsync(NpgsqlConnection connection, string database, CancellationToken ct) => connection.ListAsync(
        "SELECT l.provider, l.label FROM pg_catalog.pg_shseclabel l JOIN pg_catalog.pg_database d ON d.oid = l.objoid WHERE l.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass AND d.datname = $1 ORDER BY 1",
        r => new DatabaseLabel(r.GetString(0), r.GetString(1)),
        ct,
        database);
}
