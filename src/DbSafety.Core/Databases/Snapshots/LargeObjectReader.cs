using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Definitions;
using Npgsql;

namespace DbSafety.Databases.Snapshots;

/// <summary>
/// The large objects of a database by their OIDs, with owner, privileges, comment, security labels and, if requested, a hash of their contents.
/// Of more than <see cref="Most"/> there is one object, whose properties are hashes over all of them.
/// </summary>
internal sealed class LargeObjectReader
{
    public const string Contents = "contents", Summary = "large objects";

    public const int Most = 10_000;

    private const int Piece = 1 << 20;

    private const string Properties = """
        SELECT m.oid, 'owner', pg_catalog.pg_get_userbyid(m.lomowner)::pg_catalog.text FROM pg_catalog.pg_largeobject_metadata m
        UNION ALL SELECT d.objoid, 'comment', d.description FROM pg_catalog.pg_description d WHERE d.classoid = 'pg_catalog.pg_largeobject'::pg_catalog.regclass
        UNION ALL SELECT l.objoid, 'security label of ' || l.provider, l.label FROM pg_catalog.pg_seclabel l WHERE l.classoid = 'pg_catalog.pg_largeobject'::pg_catalog.regclass
        UNION ALL
        SELECT i.oid, 'privileges of ' || CASE WHEN i.grantee = 0 THEN 'PUBLIC' WHEN i.grantee = i.lomowner THEN 'the owner' ELSE pg_catalog.pg_get_userbyid(i.grantee)::pg_catalog.text END,
               coalesce(pg_catalog.string_agg(i.privilege, ', ' ORDER BY i.privilege) FILTER (WHERE i.now), 'none')
        FROM (SELECT m.oid, m.lomowner, x.grantee, x.now,
                     x.privilege_type || CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END || CASE WHEN x.grantor <> m.lomowner THEN ' granted by ' || pg_catalog.pg_get_userbyid(x.grantor) ELSE '' END AS privilege
              FROM pg_catalog.pg_largeobject_metadata m CROSS JOIN LATERAL (
                  SELECT true AS now, e.* FROM pg_catalog.aclexplode(m.lomacl) e UNION ALL SELECT false, e.* FROM pg_catalog.aclexplode(pg_catalog.acldefault('L', m.lomowner)) e) x
              WHERE m.lomacl IS NOT NULL) i
        GROUP BY i.oid, i.lomowner, i.grantee
        HAVING pg_catalog.string_agg(i.privilege, ', ' ORDER BY i.privilege) FILTER (WHERE i.now) IS DISTINCT FROM pg_catalog.string_agg(i.privilege, ', ' ORDER BY i.privilege) FILTER (WHERE NOT i.now)
        """;

    /// <summary>
    /// In pieces of 1 MB, to limit the memory of the server; null if the role cannot read it. OFFSET 0 ensures that each piece is read once. Uses
    /// <c>lo_get</c>, which requires the SELECT privilege on the object; <c>pg_largeobject</c> requires a superuser.
    /// </summary>
    private static readonly string Hashes = string.Create(CultureInfo.InvariantCulture, $"""
        SELECT m.oid, CASE WHEN pg_catalog.current_setting('is_superuser') = 'on' OR pg_catalog.current_setting('lo_compat_privileges') = 'on'
                             OR EXISTS (SELECT 1 FROM pg_catalog.aclexplode(coalesce(m.lomacl, pg_catalog.acldefault('L', m.lomowner))) a
                                        WHERE a.privilege_type = 'SELECT' AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE'))) THEN (
            WITH RECURSIVE pieces (number, size, hash) AS (
                SELECT 0::pg_catalog.int8, pg_catalog.length(p.data), pg_catalog.sha256(p.data) FROM (SELECT pg_catalog.lo_get(m.oid, 0, {Piece}) AS data OFFSET 0) p
                UNION ALL
                SELECT l.number + 1, pg_catalog.length(p.data), pg_catalog.sha256(p.data)
                FROM pieces l CROSS JOIN LATERAL (SELECT pg_catalog.lo_get(m.oid, (l.number + 1) * {Piece}, {Piece}) AS data OFFSET 0) p
                WHERE l.size = {Piece})
            SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.string_agg(hash, ''::pg_catalog.bytea ORDER BY number)), 'hex') FROM pieces) END
        FROM pg_catalog.pg_largeobject_metadata m
        """);

    private readonly Dictionary<uint, SchemaObject> objects = [];

    private readonly Dictionary<string, (ulong First, ulong Second)> sums = new(StringComparer.Ordinal);

    private readonly bool isSummary;

    private LargeObjectReader(bool isSummary) => this.isSummary = isSummary;

    /// <summary>In the caller's transaction.</summary>
    /// <param name="checksum">Whether contents are hashed.</param>
    public static async Task<SchemaDefinitions> ReadAsync(NpgsqlConnection connection, bool checksum, CancellationToken ct)
    {
        var count = await FingerprintReader.LargeObjectsAsync(connection, ct);
        if (count == 0)
            return new SchemaDefinitions([], []);
        var reader = new LargeObjectReader(count > Most);
        await ReadAsync(connection, Properties, r => reader.Add(r.GetFieldValue<uint>(0), r.GetString(1), r.GetString(2)), ct);
        var unread = 0L;
        if (checksum)
            await ReadAsync(connection, Hashes, r => unread += reader.AddHash(r.GetFieldValue<uint>(0), r.Text(1)), ct);
        // A sum without unreadable objects is meaningless.
        if (unread > 0)
            reader.sums.Remove(Contents);
        return new SchemaDefinitions([.. reader.Found().OrderBy(o => o.Name, StringComparer.Ordinal)], []);
    }

    /// <summary>Row by row: there can be millions.</summary>
    private static async Task ReadAsync(NpgsqlConnection connection, string sql, Action<NpgsqlDataReader> take, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
            take(rows);
    }

    private void Add(uint oid, string property, string value)
    {
        if (isSummary)
        {
            AddTo(property.Split(" of ")[0] switch { "owner" => "owners", "comment" => "comments", "security label" => "security labels", var other => other }, $"{oid} {property} {value}");
            if (property == "owner")
                AddTo("OIDs", oid.ToString(CultureInfo.InvariantCulture));
            return;
        }

        if (!objects.TryGetValue(oid, out var known))
            objects.Add(oid, known = new SchemaObject($"large object {oid}", null));
        known.Set(property, value);
    }

    private int AddHash(uint oid, string? hash)
    {
        if (hash is null)
            return 1;
        Add(oid, Contents, TextHash.OfHash(hash));
        return 0;
    }

    /// <summary>A sum is independent of the order.</summary>
    private void AddTo(string property, string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        var (first, second) = sums.GetValueOrDefault(property);
        sums[property] = (unchecked(first + BinaryPrimitives.ReadUInt64BigEndian(hash)), unchecked(second + BinaryPrimitives.ReadUInt64BigEndian(hash[8..])));
    }

    private SchemaObject[] Found()
    {
        if (!isSummary)
            return [.. objects.Values];
        var all = new SchemaObject(Summary, null);
        foreach (var (property, (first, second)) in sums)
            all.Set(property, TextHash.OfHash(first.ToString("x16", CultureInfo.InvariantCulture) + second.ToString("x16", CultureInfo.InvariantCulture)));
        return [all];
    }
}
