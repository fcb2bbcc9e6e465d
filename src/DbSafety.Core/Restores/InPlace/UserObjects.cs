namespace DbSafety.Restores.InPlace;

/// <summary>Conditions of catalog queries: what belongs to users, and what to extensions.</summary>
internal static class UserObjects
{
    /// <summary>A schema that is neither PostgreSQL's own nor one of temporary or TOAST tables.</summary>
    public static string Schema(string alias) =>
        $"{alias}.nspname NOT IN ('pg_catalog', 'information_schema') AND {alias}.nspname !~ '^pg_(toast|temp_|toast_temp_)'";

    /// <summary>An object that was created by an extension.</summary>
    public static string OfExtension(string catalog, string alias) =>
        $"EXISTS (SELECT 1 FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.{catalog}'::pg_catalog.regclass AND e.objid = {alias}.oid AND e.deptype = 'e')";
}
