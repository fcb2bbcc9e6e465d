using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Outcomes;

/// <summary>Whether a function or procedure of that name with arguments of the same types exists.</summary>
internal sealed class RoutineOutcomes(NpgsqlConnection connection)
{
    public async Task<Outcome?> ReadAsync(LiveEffect live, Command.CreateObject made, CancellationToken ct)
    {
        const string Same = "FROM pg_catalog.pg_proc WHERE proname = $1 AND pronamespace = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = coalesce(nullif($2, ''), pg_catalog.current_schema()))";
        if (!await connection.ScalarAsync<bool>($"SELECT EXISTS (SELECT {Same})", ct, made.Name.Name, made.Name.Schema ?? "") || Arguments(live.Statement) is not { } arguments)
            return null;
        return await TypesAsync(arguments, ct) is { } types && await connection.ScalarAsync<bool>($"SELECT EXISTS (SELECT {Same} AND proargtypes::text = $3)", ct, made.Name.Name, made.Name.Schema ?? "", types)
            ? Outcome.Refused($"function {SqlName.Quote(made.Name.Name)} already exists with same argument types") : null;
    }

    /// <summary>Whether a routine with the arguments of DROP exists, in any schema if the name has none. Null: unknown.</summary>
    public async Task<bool?> IsThereAsync(SqlStatement drop, RelationName name, CancellationToken ct) =>
        Arguments(drop) is not { } arguments || await TypesAsync(arguments, ct) is not { } types ? null
        : await connection.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_proc WHERE proname = $1 AND ($2 = '' OR pronamespace = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $2)) AND proargtypes::text = $3)",
            ct, name.Name, name.Schema ?? "", types);

    /// <summary>Without arguments the name means more than one. Versions before 14 count functions and procedures together; that is not reported.</summary>
    public Task<bool> IsAmbiguousAsync(ObjectKind kind, RelationName name, CancellationToken ct) => connection.ScalarAsync<bool>(
        """
        SELECT count(*) > 1 FROM pg_catalog.pg_proc p WHERE p.proname = $1
            AND CASE $2 WHEN '' THEN pg_catalog.pg_function_is_visible(p.oid) ELSE p.pronamespace = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $2) END
            AND CASE $3 WHEN 'procedure' THEN p.prokind = 'p' WHEN 'function' THEN p.prokind <> 'p' ELSE true END
        """, ct, name.Name, name.Schema ?? "", ObjectKinds.Words(kind));

    /// <summary>As in pg_proc. Null: not all are types.</summary>
    private async Task<string?> TypesAsync(List<IReadOnlyList<SqlToken>> arguments, CancellationToken ct)
    {
        var types = new List<uint>();
        foreach (var argument in arguments)
        {
            if (await TypeAsync(argument, ct) is not { } type)
                return null;
            types.Add(type);
        }

        return string.Join(' ', types);
    }

    /// <summary>The tokens of each input argument, without its default. Null: not read.</summary>
    private static List<IReadOnlyList<SqlToken>>? Arguments(SqlStatement statement)
    {
        var open = 0;
        while (open < statement.Tokens.Count && !statement.Tokens[open].IsMark('('))
            open++;
        var cursor = new TokenCursor(statement.Tokens, open);
        if (!cursor.TakeMark('('))
            return null;
        var arguments = new List<IReadOnlyList<SqlToken>>();
        while (!cursor.AtEnd && !cursor.TakeMark(')'))
        {
            if (cursor.At("out"))
                return null;
            cursor.TakeAny("in", "inout", "variadic");
            var from = cursor.Position;
            cursor.SkipElement();
            var slice = cursor.Slice(from, cursor.Position);
            var end = slice.TakeWhile(t => !t.Is("default") && !t.IsOperator("=") && !t.IsOperator(":=") && !t.IsMark(',')).Count();
            arguments.Add([.. slice.Take(end)]);
        }

        return arguments;
    }

    /// <summary>The name before the type may be left out.</summary>
    private async Task<uint?> TypeAsync(IReadOnlyList<SqlToken> argument, CancellationToken ct)
    {
        for (var from = argument.Count > 1 ? 1 : 0; from >= 0; from--)
        {
            var written = argument.Count == 0 ? "" : argument[from].Source[argument[from].Start..argument[^1].End];
            await connection.ExecuteAsync("SAVEPOINT argument", ct);
            try
            {
                if (await connection.ScalarAsync<uint>("SELECT coalesce(pg_catalog.to_regtype($1)::oid, 0)", ct, written) is var type and not 0)
                    return type;
            }
            catch (PostgresException)
            {
                // It is no type.
                await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT argument", ct);
            }
        }

        return null;
    }
}
