namespace DbSafety.Integration.Tests.Docker;

/// <summary>The images the tests run, made from the machine's own PostgreSQL.</summary>
/// <param name="Version">Of that server, such as <c>15.18</c>.</param>
public sealed record TestImages(string Version)
{
    private const string Prefix = "dbsafety-test/";

    public int Major => int.Parse(Version.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>As official images before PostgreSQL 18, with a fixed tag.</summary>
    public string Postgres => $"{Prefix}postgres:{Version}";

    public string MajorTag => $"{Prefix}postgres:{Major}";

    public const string Latest = Prefix + "postgres:latest";

    /// <summary>Without a VOLUME.</summary>
    public string NoVolume => $"{Prefix}no-volume/postgres:{Version}";

    /// <summary>Claims to be of the next major version.</summary>
    public string NextMajor => $"{Prefix}postgres:{Major + 1}.0";

    /// <summary>As official images from PostgreSQL 18 on.</summary>
    public const string Eighteen = Prefix + "postgres:18.1";

    /// <summary>Its data in /bitnami/postgresql/data, without PGDATA; VOLUME /bitnami/postgresql.</summary>
    public string Bitnami => $"{Prefix}bitnami/postgresql:{Version}";

    /// <summary>Its data in /home/postgres/pgdata/data, without a VOLUME and PG_MAJOR.</summary>
    public string Timescale => $"{Prefix}timescaledb-ha:pg{Version}";

    /// <summary>Started with <c>-D</c> for its settings, which say where the data is.</summary>
    public string Supabase => $"{Prefix}supabase/postgres:{Version}.1";

    /// <summary>No database: the base of all others.</summary>
    public const string App = Prefix + "app:1.0";

    /// <summary>What <c>make-postgres-image.sh</c> is given for each, after the base.</summary>
    internal IReadOnlyList<string[]> Recipes =>
    [
        [Postgres, "17"], [MajorTag, "17"], [Latest, "17"], [NoVolume, "none"], [NextMajor, "17", $"{Major + 1}"], [Eighteen, "18", "18"],
        [Bitnami, "bitnami"], [Timescale, "timescale-ha"], [Supabase, "supabase"],
    ];
}
