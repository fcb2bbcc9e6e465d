using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Outcomes;

/// <summary>What PostgreSQL does with relations: names that are already used, and logged tables that reference unlogged tables.</summary>
internal sealed class RelationOutcomes(NpgsqlConnection connection)
{
    public async Task<Outcome?> ReadAsync(CatalogRelation relation, TableAction action, CancellationToken ct) => action switch
    {
        TableAction.RenameTo rename => await NameTakenAsync(relation.Schema, rename.Name, hasType: relation.Kind is not ('i' or 'I' or 'S'), ct),
        TableAction.SetSchema move when move.Schema != relation.Schema => await NameTakenAsync(move.Schema, relation.Name, hasType: false, ct),
        TableAction.Rewrite { Words: "set logged" or "set unlogged" } rewrite => await PersistenceAsync(relation, toLogged: rewrite.Words == "set logged", ct),
        _ => null,
    };

    /// <summary>A relation of that name, or a type of that name, which its row type would have.</summary>
    /// <param name="schema">Null: the first schema of the search_path.</param>
    /// <param name="hasType">It has a row type of the same name.</param>
    public async Task<Outcome?> NameTakenAsync(string? schema, string name, bool hasType, CancellationToken ct)
    {
        const string Schema = "(SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = coalesce(nullif($1, ''), pg_catalog.current_schema()))";
        if (await connection.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = {Schema} AND relname = $2)", ct, schema ?? "", name))
            return Outcome.Refused($"relation {SqlName.Quote(name)} already exists");
        // An array type is renamed.
        return hasType && await connection.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM pg_catalog.pg_type WHERE typnamespace = {Schema} AND typname = $2 AND NOT (typelem <> 0 AND typlen = -1))", ct, schema ?? "", name)
            ? Outcome.Refused($"type {SqlName.Quote(name)} already exists") : null;
    }

    private async Task<Outcome?> PersistenceAsync(CatalogRelation relation, bool toLogged, CancellationToken ct)
    {
        if (relation.Persistence == 't')
            return Outcome.Refused($"cannot change logged status of table {relation.Quoted} because it is temporary");
        if (relation.Persistence == (toLogged ? 'p' : 'u'))
            return null;
        var (own, other, words) = toLogged ? ("conrelid", "confrelid", "logged because it references unlogged table") : ("confrelid", "conrelid", "unlogged because it references logged table");
        if (await connection.ScalarAsync<string>(
            $"SELECT o.relname::text FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class o ON o.oid = c.{other} WHERE c.contype = 'f' AND c.{own} = $1::oid AND o.oid <> $1::oid AND (o.relpersistence = 'p') <> $2 ORDER BY 1 LIMIT 1", ct, (long)relation.Oid, toLogged) is { } table)
            return Outcome.Refused($"could not change table {relation.Quoted} to {words} {SqlName.Quote(table)}");
        return !toLogged && await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_publication_rel WHERE prrelid = $1::oid)", ct, (long)relation.Oid)
            ? Outcome.Refused($"cannot change table {relation.Quoted} to unlogged because it is part of a publication") : null;
    }
}
