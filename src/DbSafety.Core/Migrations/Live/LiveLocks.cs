using DbSafety.Analysis;
using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>Names the tables that a statement locks in addition to those that it names: the catalog knows partitions, foreign keys and what depends on a column.</summary>
internal sealed class LiveLocks(NpgsqlTransaction transaction, string defaultSchema)
{
    /// <summary>For more partitions than that, the number is shown.</summary>
    private const int MostNames = 8;

    /// <summary>$1 is the table; <c>own</c> are it and what is below it.</summary>
    private const string Own =
        "WITH RECURSIVE own(oid) AS (SELECT $1::oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN own ON i.inhparent = own.oid)";

    private readonly Dictionary<(TableLock, SqlObject), IReadOnlyList<string>?> known = [];

    public async Task<MigrationFinding> NameAsync(MigrationFinding finding, CancellationToken ct)
    {
        if (finding.Locks is not { } claim || !finding.Message.StartsWith(claim.Words, StringComparison.Ordinal))
            return finding;
        var names = new List<(LockMode, string)>();
        foreach (var taken in claim.Taken)
        {
            if (await ReachedAsync(taken, claim, ct) is not { } reached)
                return finding;
            names.AddRange(reached.Select(n => (taken.Mode, n)));
        }

        // Missing objects, or objects of another kind, make the statement itself fail.
        if (names.Count == 0)
            return claim.Taken.All(t => t.Reach == LockReach.Typed) && finding.Rule != MissingLockTimeout.RuleId ? Unlocked(finding, claim) : finding;
        var words = LockClaim.In(names, claim.InTransaction);
        return finding with { Message = words + finding.Message[claim.Words.Length..], Locks = claim with { Words = words } };
    }

    /// <summary>No table is made OF the type.</summary>
    private static MigrationFinding Unlocked(MigrationFinding finding, LockClaim claim)
    {
        var without = finding with { Message = finding.Message[(claim.Words.Length + 2)..], Locks = null };
        return finding.Severity == FindingSeverity.Blocking ? LiveJudgement.Lowered(without, without, "no table is made OF that type") : without;
    }

    /// <summary>Null: the catalog was not queried, and the locks that the statement shows are reported.</summary>
    private async Task<IReadOnlyList<string>?> ReachedAsync(TableLock taken, LockClaim claim, CancellationToken ct)
    {
        if (taken.Reach == LockReach.Itself)
            return [taken.Table == claim.NamedLive ? claim.Named.Display(defaultSchema) : taken.Table.Display(defaultSchema)];
        if (known.TryGetValue((taken, claim.Object), out var before))
            return before;
        return known[(taken, claim.Object)] = await AskAsync(taken, claim.Object, ct);
    }

    private async Task<IReadOnlyList<string>?> AskAsync(TableLock taken, SqlObject about, CancellationToken ct)
    {
        if (taken.Reach is LockReach.Sequences or LockReach.Sources)
            return [];
        if (taken.Reach == LockReach.Indexes)
            return [$"the indexes of {taken.Table.Display(defaultSchema)}"];
        if (Query(taken.Reach, about) is not { } query)
            return null;
        var found = await transaction.Connection!.ListAsync(
            $"""
            {Own}
            SELECT DISTINCT n.nspname, c.relname FROM ({query}) AS reached(oid) JOIN pg_catalog.pg_class c ON c.oid = reached.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.oid <> coalesce($1::oid, 0) AND c.relkind IN ('r', 'p', 'm', 'f', 'v') AND $2::text IS NOT DISTINCT FROM $2 ORDER BY 1, 2
            """,
            r => new RelationName(r.GetString(0), r.GetString(1)).Display(defaultSchema), ct, await OidAsync(taken, ct), about.Part ?? "");
        return found.Count <= MostNames ? found : [$"{found.Count:N0} {(taken.Reach == LockReach.Children ? "partitions of" : "tables linked to")} {taken.Table.Display(defaultSchema)}"];
    }

    /// <summary>Of a table, index, or type; 0 if there is none.</summary>
    private Task<long> OidAsync(TableLock taken, CancellationToken ct) => transaction.Connection!.ScalarAsync<long>(
        taken.Reach is LockReach.Users or LockReach.Typed ? "SELECT coalesce(to_regtype($1)::oid::bigint, 0)" : "SELECT coalesce(to_regclass($1)::oid::bigint, 0)", ct, taken.Table.Sql);

    /// <summary>The oids of what is reached; $2 is the constraint or column.</summary>
    private static string? Query(LockReach reach, SqlObject about) => reach switch
    {
        LockReach.Children => "SELECT oid FROM own",
        LockReach.Parent => "SELECT i.inhparent FROM pg_catalog.pg_inherits i WHERE i.inhrelid = $1::oid UNION ALL SELECT p.partdefid FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = i.inhparent WHERE i.inhrelid = $1::oid",
        LockReach.DefaultPartition => "SELECT partdefid FROM pg_catalog.pg_partitioned_table WHERE partrelid = $1::oid",
        LockReach.Table => "SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = $1::oid",
        LockReach.Referenced => "SELECT confrelid FROM pg_catalog.pg_constraint JOIN own ON conrelid = own.oid WHERE contype = 'f'",
        LockReach.ReferencedByChildren => "SELECT confrelid FROM pg_catalog.pg_constraint JOIN own ON conrelid = own.oid WHERE contype = 'f' AND conrelid <> $1::oid",
        LockReach.Referring => "WITH RECURSIVE to_it(oid) AS (SELECT oid FROM own UNION SELECT conrelid FROM pg_catalog.pg_constraint JOIN to_it ON confrelid = to_it.oid WHERE contype = 'f') SELECT oid FROM to_it EXCEPT SELECT oid FROM own",
        LockReach.Typed => "SELECT oid FROM pg_catalog.pg_class WHERE reloftype = $1::oid",
        LockReach.Users => "SELECT attrelid FROM pg_catalog.pg_attribute WHERE atttypid = $1::oid AND attnum > 0 AND NOT attisdropped",
        LockReach.Parts or LockReach.Dependents => Parts(about, reach == LockReach.Dependents),
        _ => null,
    };

    /// <summary>The other tables of the dropped foreign keys, and with CASCADE the views.</summary>
    private static string? Parts(SqlObject about, bool withViews) => about switch
    {
        { Kind: ObjectKind.Constraint } =>
            """
            SELECT confrelid FROM pg_catalog.pg_constraint JOIN own ON conrelid = own.oid WHERE contype = 'f' AND conname = $2
            UNION ALL SELECT f.conrelid FROM pg_catalog.pg_constraint k JOIN own ON k.conrelid = own.oid JOIN pg_catalog.pg_constraint f ON f.contype = 'f' AND f.conindid = k.conindid WHERE k.contype IN ('p', 'u') AND k.conname = $2
            """,
        { Kind: ObjectKind.Column } =>
            $"""
            SELECT f.confrelid FROM pg_catalog.pg_constraint f JOIN own ON f.conrelid = own.oid JOIN pg_catalog.pg_attribute a ON a.attrelid = own.oid AND a.attname = $2 AND a.attnum = ANY (f.conkey) WHERE f.contype = 'f'
            UNION ALL SELECT f.conrelid FROM pg_catalog.pg_constraint f JOIN own ON f.confrelid = own.oid JOIN pg_catalog.pg_attribute a ON a.attrelid = own.oid AND a.attname = $2 AND a.attnum = ANY (f.confkey) WHERE f.contype = 'f'
            {(withViews ? $"UNION ALL {Views} JOIN pg_catalog.pg_attribute a ON a.attrelid = own.oid AND a.attnum = d.refobjsubid AND a.attname = $2" : "")}
            """,
        { Kind: ObjectKind.Table or ObjectKind.ForeignTable or ObjectKind.MaterializedView or ObjectKind.View or ObjectKind.Index or ObjectKind.Sequence } =>
            $"""
            SELECT confrelid FROM pg_catalog.pg_constraint JOIN own ON conrelid = own.oid WHERE contype = 'f' AND conparentid = 0
            {(withViews ? $"UNION ALL SELECT conrelid FROM pg_catalog.pg_constraint JOIN own ON confrelid = own.oid WHERE contype = 'f' UNION ALL {Views} UNION ALL {Defaults}" : "")}
            """,
        _ => null,
    };

    /// <summary>Of a sequence, the tables whose defaults use it.</summary>
    private const string Defaults =
        "SELECT a.adrelid FROM own JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = own.oid JOIN pg_catalog.pg_attrdef a ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = a.oid AND a.adrelid <> own.oid";

    private const string Views =
        "SELECT r.ev_class FROM own JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = own.oid JOIN pg_catalog.pg_rewrite r ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid";
}
