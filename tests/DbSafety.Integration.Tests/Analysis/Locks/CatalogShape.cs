using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Integration.Tests.Analysis.Locks;

/// <summary>What a catalog holds, and so which relations the reach of a lock means there.</summary>
internal sealed class CatalogShape
{
    private const string Relations =
        """
        SELECT c.oid, n.nspname, c.relname, c.relkind, c.relfilenode, i.indrelid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
        WHERE c.oid >= 16384 AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema' AND c.relkind <> 'c'
        """;

    private const string Links =
        """
        SELECT refclassid::regclass::text, refobjid, refobjsubid, classid::regclass::text, objid, objsubid, deptype IN ('a', 'i', 'P', 'S') FROM pg_depend WHERE objid >= 16384
        UNION ALL SELECT refclassid::regclass::text, refobjid, 0, classid::regclass::text, objid, objsubid, false FROM pg_shdepend
        WHERE deptype = 'o' AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        """;

    /// <summary>The relations that lose something when an object goes that is none itself.</summary>
    private const string Places =
        """
        SELECT 'pg_constraint', oid, conrelid FROM pg_constraint WHERE conrelid <> 0 UNION ALL SELECT 'pg_constraint', oid, confrelid FROM pg_constraint WHERE confrelid <> 0
        UNION ALL SELECT 'pg_trigger', oid, tgrelid FROM pg_trigger UNION ALL SELECT 'pg_rewrite', oid, ev_class FROM pg_rewrite WHERE oid >= 16384
        UNION ALL SELECT 'pg_attrdef', oid, adrelid FROM pg_attrdef UNION ALL SELECT 'pg_policy', oid, polrelid FROM pg_policy
        UNION ALL SELECT 'pg_statistic_ext', oid, stxrelid FROM pg_statistic_ext UNION ALL SELECT 'pg_publication', prpubid, prrelid FROM pg_publication_rel
        """;

    private const string Names =
        """
        SELECT 'pg_type', t.oid, nspname, typname FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE t.oid >= 16384
        UNION ALL SELECT 'pg_proc', p.oid, nspname, proname FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE p.oid >= 16384
        UNION ALL SELECT 'pg_collation', c.oid, nspname, collname FROM pg_collation c JOIN pg_namespace n ON n.oid = collnamespace WHERE c.oid >= 16384
        UNION ALL SELECT 'pg_opclass', o.oid, nspname, opcname FROM pg_opclass o JOIN pg_namespace n ON n.oid = opcnamespace WHERE o.oid >= 16384
        UNION ALL SELECT 'pg_opfamily', o.oid, nspname, opfname FROM pg_opfamily o JOIN pg_namespace n ON n.oid = opfnamespace WHERE o.oid >= 16384
        UNION ALL SELECT 'pg_statistic_ext', s.oid, nspname, stxname FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = stxnamespace
        UNION ALL SELECT 'pg_namespace', oid, NULL, nspname FROM pg_namespace UNION ALL SELECT 'pg_extension', oid, NULL, extname FROM pg_extension
        UNION ALL SELECT 'pg_foreign_server', oid, NULL, srvname FROM pg_foreign_server UNION ALL SELECT 'pg_foreign_data_wrapper', oid, NULL, fdwname FROM pg_foreign_data_wrapper UNION ALL SELECT 'pg_publication', oid, NULL, pubname FROM pg_publication
        UNION ALL SELECT 'pg_authid', oid, NULL, rolname FROM pg_roles
        """;

    private const string Pairs =
        """
        SELECT 'child', inhparent, inhrelid FROM pg_inherits UNION ALL SELECT 'reference', conrelid, confrelid FROM pg_constraint WHERE contype = 'f'
        UNION ALL SELECT 'default', partrelid, partdefid FROM pg_partitioned_table WHERE partdefid <> 0
        UNION ALL SELECT 'sequence', d.refobjid, d.objid FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S' WHERE d.classid = 'pg_class'::regclass AND d.refobjsubid > 0
        UNION ALL SELECT 'source', r.ev_class, d.refobjid FROM pg_depend d JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
        WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
        """;

    private const string Parts =
        """
        SELECT 'column', attrelid, attname, attnum::oid FROM pg_attribute WHERE attnum > 0 AND attrelid >= 16384 AND NOT attisdropped
        UNION ALL SELECT 'constraint', conrelid, conname, oid FROM pg_constraint WHERE conrelid <> 0
        """;

    private Dictionary<uint, CatalogRelation> relations = [];
    private ILookup<(string Catalog, uint Oid), (int Part, CatalogObject Dependent, bool IsPart)> links = Array.Empty<uint>().ToLookup(_ => ("", 0u), _ => (0, default(CatalogObject), false));
    private ILookup<(string Catalog, uint Oid), uint> places = Array.Empty<uint>().ToLookup(_ => ("", 0u));
    private ILookup<string, (string Catalog, uint Oid, string? Schema)> names = Array.Empty<uint>().ToLookup(_ => "", _ => ("", 0u, (string?)null));
    private ILookup<(string Kind, uint From), uint> pairs = Array.Empty<uint>().ToLookup(_ => ("", 0u));
    private ILookup<(string Kind, uint To), uint> back = Array.Empty<uint>().ToLookup(_ => ("", 0u));
    private readonly Dictionary<(string Kind, uint Relation, string Name), uint> parts = [];

    public IReadOnlyDictionary<uint, CatalogRelation> All => relations;

    /// <summary>What can be told by names alone.</summary>
    public static CatalogShape Of(Dictionary<uint, CatalogRelation> relations) => new() { relations = relations };

    public static async Task<CatalogShape> ReadAsync(NpgsqlConnection connection)
    {
        var shape = new CatalogShape { relations = await ReadRelationsAsync(connection) };
        shape.links = (await connection.ListAsync(Links, r => (Key: (r.GetString(0), Oid(r, 1)), Part: r.GetInt32(2), Dependent: new CatalogObject(r.GetString(3), Oid(r, 4), r.GetInt32(5)), IsPart: r.GetBoolean(6)), default))
            .ToLookup(l => l.Key, l => (l.Part, l.Dependent, l.IsPart));
        shape.places = (await connection.ListAsync(Places, r => (Key: (r.GetString(0), Oid(r, 1)), Relation: Oid(r, 2)), default)).ToLookup(p => p.Key, p => p.Relation);
        shape.names = (await connection.ListAsync(Names, r => (Catalog: r.GetString(0), Oid: Oid(r, 1), Schema: r.Text(2), Name: r.GetString(3)), default)).ToLookup(n => n.Name, n => (n.Catalog, n.Oid, n.Schema));
        var pairs = await connection.ListAsync(Pairs, r => (Kind: r.GetString(0), From: Oid(r, 1), To: Oid(r, 2)), default);
        shape.pairs = pairs.ToLookup(p => (p.Kind, p.From), p => p.To);
        shape.back = pairs.ToLookup(p => (p.Kind, p.To), p => p.From);
        foreach (var (kind, relation, name, part) in await connection.ListAsync(Parts, r => (r.GetString(0), Oid(r, 1), r.GetString(2), Oid(r, 3)), default))
            shape.parts[(kind, relation, name)] = part;
        return shape;
    }

    public static async Task<Dictionary<uint, CatalogRelation>> ReadRelationsAsync(NpgsqlConnection connection) =>
        (await connection.ListAsync(Relations, r => new CatalogRelation(Oid(r, 0), r.GetString(1), r.GetString(2), r.GetChar(3), Oid(r, 4), r.IsDBNull(5) ? null : Oid(r, 5)), default)).ToDictionary(r => r.Oid);

    /// <summary>The relations that a lock of that effect is taken on.</summary>
    /// <param name="path">The schemas of names without one.</param>
    public HashSet<uint> Reach(Effect effect, TableLock taken, IReadOnlyList<string> path)
    {
        var own = Find(taken.Table, path);
        IEnumerable<uint> reached = taken.Reach switch
        {
            LockReach.Parts => Closure(Roots(effect, taken.Table, path), withAll: false),
            LockReach.Dependents => Closure(Roots(effect, taken.Table, path), withAll: true),
            LockReach.Users => Users(Roots(effect, taken.Table, path)),
            LockReach.Typed => Typed(Roots(effect, taken.Table, path)),
            _ when own is null => [],
            LockReach.Children => Below("child", own.Oid).Skip(1),
            LockReach.DefaultPartition => pairs[("default", own.Oid)].SelectMany(d => Below("child", d)),
            LockReach.Parent => back[("child", own.Oid)].SelectMany(p => pairs[("default", p)].Prepend(p)),
            LockReach.Sequences => Below("child", own.Oid).SelectMany(t => pairs[("sequence", t)]),
            LockReach.Sources => Below("source", own.Oid),
            LockReach.Table => own.Table is { } table ? Below("child", table) : [],
            LockReach.Indexes => Below("child", own.Oid).SelectMany(t => relations.Values.Where(r => r.Table == t).Select(r => r.Oid)),
            LockReach.Referenced => Below("child", own.Oid).SelectMany(t => pairs[("reference", t)]).SelectMany(t => Below("child", t)),
            LockReach.ReferencedByChildren => Below("child", own.Oid).Skip(1).SelectMany(t => pairs[("reference", t)]).SelectMany(t => Below("child", t)),
            LockReach.Referring => Referring(own.Oid),
            _ => [own.Oid],
        };
        return [.. reached];
    }

    private CatalogRelation? Find(RelationName name, IReadOnlyList<string> path) =>
        (name.Schema is { } schema ? [schema] : path).Select(s => relations.Values.FirstOrDefault(r => r.Schema == s && r.Name == name.Name)).FirstOrDefault(r => r is not null);

    private List<CatalogObject> Roots(Effect effect, RelationName name, IReadOnlyList<string> path)
    {
        if (Find(name, path) is { } relation && effect.Object.Kind is not (ObjectKind.Type or ObjectKind.Domain or ObjectKind.Schema or ObjectKind.Function))
        {
            return effect.Object is { Kind: ObjectKind.Column or ObjectKind.Constraint, Part: { } part }
                ? [.. Below("child", relation.Oid).SelectMany(t => Part(effect.Object.Kind, t, part))]
                : [new CatalogObject("pg_class", relation.Oid)];
        }

        return [.. names[name.Name].Where(n => n.Schema is null || n.Schema == name.Schema || (name.Schema is null && path.Contains(n.Schema))).Select(n => new CatalogObject(n.Catalog, n.Oid))];
    }

    private IEnumerable<CatalogObject> Part(ObjectKind kind, uint table, string part)
    {
        if (parts.TryGetValue((kind == ObjectKind.Column ? "column" : "constraint", table, part), out var found))
            yield return kind == ObjectKind.Column ? new CatalogObject("pg_class", table, (int)found) : new CatalogObject("pg_constraint", found);
    }

    private HashSet<uint> Closure(List<CatalogObject> roots, bool withAll)
    {
        var (seen, waiting, reached) = (new HashSet<CatalogObject>(), new Queue<CatalogObject>(roots), new HashSet<uint>());
        while (waiting.TryDequeue(out var next))
        {
            if (!seen.Add(next))
                continue;
            if (next.Catalog == "pg_class" && relations.ContainsKey(next.Oid))
                reached.Add(next.Oid);
            reached.UnionWith(places[(next.Catalog, next.Oid)].SelectMany(t => Below("child", t)));
            // A view goes with the rule that it is made of, an index is dropped under a lock on its table.
            foreach (var view in next.Catalog == "pg_rewrite" ? places[(next.Catalog, next.Oid)].Where(v => relations.GetValueOrDefault(v)?.Kind is 'v' or 'm') : [])
                waiting.Enqueue(new CatalogObject("pg_class", view));
            if (next.Catalog == "pg_class" && relations.GetValueOrDefault(next.Oid)?.Table is { } table)
                reached.Add(table);
            if (withAll && next is { Catalog: "pg_class", Part: 0 })
                reached.UnionWith(back[("child", next.Oid)].SelectMany(p => pairs[("default", p)].Prepend(p)));
            foreach (var (part, dependent, isPart) in links[(next.Catalog, next.Oid)])
            {
                if ((withAll || isPart) && (next.Part == 0 || next.Part == part))
                    waiting.Enqueue(dependent);
            }
        }

        return reached;
    }

    /// <summary>The tables themselves, not a column of theirs, depend on the type.</summary>
    private IEnumerable<uint> Typed(List<CatalogObject> roots) =>
        roots.SelectMany(r => links[(r.Catalog, r.Oid)]).Select(l => l.Dependent).Where(d => d is { Catalog: "pg_class", Part: 0 } && relations.ContainsKey(d.Oid)).SelectMany(d => Below("child", d.Oid));

    /// <summary>Through domains, arrays and composite types too.</summary>
    private HashSet<uint> Users(List<CatalogObject> roots)
    {
        var (seen, waiting, reached) = (new HashSet<CatalogObject>(), new Queue<CatalogObject>(roots), new HashSet<uint>());
        while (waiting.TryDequeue(out var next))
        {
            if (!seen.Add(next))
                continue;
            foreach (var (_, dependent, _) in links[(next.Catalog, next.Oid)].Where(l => l.Dependent.Catalog is "pg_class" or "pg_type"))
            {
                if (dependent.Catalog == "pg_class" && relations.ContainsKey(dependent.Oid))
                    reached.UnionWith(Below("child", dependent.Oid));
                else
                    waiting.Enqueue(dependent with { Part = 0 });
            }
        }

        return reached;
    }

    private HashSet<uint> Referring(uint table)
    {
        var (seen, waiting) = (new HashSet<uint>(), new Queue<uint>([table]));
        while (waiting.TryDequeue(out var next))
        {
            foreach (var referring in Below("child", next).Concat(back[("child", next)]).SelectMany(t => back[("reference", t)]).SelectMany(t => Below("child", t)))
            {
                if (seen.Add(referring))
                    waiting.Enqueue(referring);
            }
        }

        return seen;
    }

    /// <summary>It, and what is below it.</summary>
    private IEnumerable<uint> Below(string kind, uint relation) => pairs[(kind, relation)].SelectMany(c => Below(kind, c)).Prepend(relation);

    private static uint Oid(NpgsqlDataReader reader, int column) => reader.GetFieldValue<uint>(column);
}
