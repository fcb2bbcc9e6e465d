using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Outcomes;

/// <summary>What PostgreSQL does with DROP: IF EXISTS ignores missing objects, and an object that is part of another can be dropped only with that.</summary>
internal sealed class DropOutcomes(NpgsqlConnection connection)
{
    /// <summary>A constraint's index, an identity column's sequence, a table's type, a partition's index and trigger, an extension's member.</summary>
    private const string RequiredSql =
        """
        SELECT pg_catalog.pg_describe_object($1::pg_catalog.regclass, $2::oid, 0), pg_catalog.pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid) FROM pg_catalog.pg_depend d
        WHERE d.classid = $1::pg_catalog.regclass AND d.objid = $2::oid AND d.objsubid = 0 AND d.deptype IN ('i', 'P', 'S', 'e') ORDER BY d.deptype <> 'e', d.deptype, 2 LIMIT 1
        """;

    public async Task<Outcome?> ReadAsync(LiveEffect live, Command.Drop drop, CancellationToken ct)
    {
        var about = live.Effect.Object;
        if (drop.Kind is ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine && !live.Statement.Tokens.Any(t => t.IsMark('(')) && await new RoutineOutcomes(connection).IsAmbiguousAsync(drop.Kind, about.Name, ct))
            return Outcome.Refused($"{ObjectKinds.Words(drop.Kind)} name \"{(about.Name.Schema is { } schema ? schema + "." : "")}{about.Name.Name}\" is not unique");
        var isThere = drop.On is { } on ? await ObjectCatalog.IsPartAsync(connection, drop.Kind, on, about.Part!, ct) : await ObjectCatalog.IsThereAsync(connection, drop.Kind, about.Name, ct);
        if (isThere == true && drop.Names.Count == 1 && drop.Kind is ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine)
            isThere = await new RoutineOutcomes(connection).IsThereAsync(live.Statement, about.Name, ct) ?? isThere;
        if (isThere == false)
            return drop.IfExists ? Outcome.Nothing($"the {ObjectKinds.Words(drop.Kind)} does not exist") : null;
        if (ObjectKinds.IsRelation(drop.Kind) && await CatalogRelation.FindAsync(connection, about.Name, ct) is { } relation && Kinds(drop.Kind) is var kinds && !kinds.Contains(relation.Kind))
            return Outcome.Refused($"{relation.Quoted} is not {(drop.Kind == ObjectKind.Index ? "an" : "a")} {ObjectKinds.Words(drop.Kind)}");
        return drop.Names.Count == 1 && await OidAsync(drop.Kind, about, ct) is ({ } catalog, var oid and not 0)
            && await connection.ListAsync(RequiredSql, r => (Object: r.GetString(0), Owner: r.GetString(1)), ct, catalog, oid) is [var required]
            ? Outcome.Refused($"cannot drop {required.Object} because {required.Owner} requires it") : null;
    }

    private static string Kinds(ObjectKind kind) => kind switch
    {
        ObjectKind.Table => "rp",
        ObjectKind.ForeignTable => "f",
        ObjectKind.View => "v",
        ObjectKind.MaterializedView => "m",
        ObjectKind.Sequence => "S",
        _ => "iI",
    };

    private async Task<(string? Catalog, long Oid)> OidAsync(ObjectKind kind, SqlObject about, CancellationToken ct) => kind switch
    {
        _ when ObjectKinds.IsRelation(kind) => ("pg_catalog.pg_class", await connection.ScalarAsync<long>("SELECT coalesce(pg_catalog.to_regclass($1)::oid::bigint, 0)", ct, about.Name.Sql)),
        ObjectKind.Type or ObjectKind.Domain => ("pg_catalog.pg_type", await connection.ScalarAsync<long>("SELECT coalesce(pg_catalog.to_regtype($1)::oid::bigint, 0)", ct, about.Name.Sql)),
        ObjectKind.Trigger => ("pg_catalog.pg_trigger", await connection.ScalarAsync<long>("SELECT coalesce((SELECT oid::bigint FROM pg_catalog.pg_trigger WHERE tgrelid = pg_catalog.to_regclass($1) AND tgname = $2), 0)", ct, about.Name.Sql, about.Part!)),
        _ => (null, 0),
    };
}
