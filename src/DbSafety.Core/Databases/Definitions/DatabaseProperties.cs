using System.Text.Json.Serialization;

namespace DbSafety.Databases.Definitions;

/// <summary>Properties of a database that a dump of it does not contain.</summary>
public sealed record DatabaseProperties
{
    public required string Owner { get; init; }

    public required string Encoding { get; init; }

    public required string Collate { get; init; }

    public required string CType { get; init; }

    /// <summary><c>c</c> libc, <c>i</c> ICU, <c>b</c> builtin, as in <c>pg_database.datlocprovider</c>.</summary>
    public string LocaleProvider { get; init; } = "c";

    public string? IcuLocale { get; init; }

    /// <summary>Rules that tailor the ICU collation (<c>pg_database.daticurules</c>, PostgreSQL 16 and later).</summary>
    public string? IcuRules { get; init; }

    /// <summary>The version of the collation library when the database was last checked.</summary>
    public string? CollationVersion { get; init; }

    public string? Comment { get; init; }

    /// <summary>-1: no limit.</summary>
    public int ConnectionLimit { get; init; } = -1;

    public bool IsTemplate { get; init; }

    /// <summary>True: <c>ALLOW_CONNECTIONS</c> is false; null: it accepts connections.</summary>
    public bool? IsClosed { get; init; }

    /// <summary>Its default tablespace; null: <c>pg_default</c>, and in older backups.</summary>
    public string? Tablespace { get; init; }

    /// <summary>Security labels on the database itself; null: none, and in older backups.</summary>
    public IReadOnlyList<DatabaseLabel>? SecurityLabels { get; init; }

    /// <summary><c>ALTER DATABASE … SET</c> (role empty) and <c>ALTER ROLE … IN DATABASE … SET</c>, as <c>name=value</c>.</summary>
    public IReadOnlyList<DatabaseSetting> Settings { get; init; } = [];

    /// <summary>Grants on the database itself; null: the defaults.</summary>
    public IReadOnlyList<DatabaseGrant>? Grants { get; init; }
}

public sealed record DatabaseSetting(string? Role, string Setting);

/// <summary>A grant on the database; the grantee is null for PUBLIC.</summary>
public sealed record DatabaseGrant(string? Grantee, string Privilege, bool Grantable)
{
    /// <summary>Who granted it; null: the database's owner, and in older backups.</summary>
    public string? Grantor { get; init; }
}

/// <summary>A security label and its provider (<c>pg_shseclabel</c>).</summary>
public sealed record DatabaseLabel(string Provider, string Label);
