using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Commands.Parsing;
using DbSafety.Analysis.Functions;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Effects;

/// <summary>
/// The calls in what a statement computes once, or for the rows it reads and writes now, and in the defaults, checks and indexes that it defines.
/// </summary>
internal static class OutsideEffects
{
    public static IEnumerable<Effect> Read(SqlStatement statement, Command command)
    {
        if (Program(statement) is { } program)
            yield return new Effect(EffectKind.Run, new SqlObject(ObjectKind.None, new RelationName(null, "")), program) { Command = command };
        if (From(statement, command) is not { } from)
            yield break;
        foreach (var call in FunctionCalls.In(statement.Tokens, from).DistinctBy(c => (c.Schema, c.Name)))
        {
            var of = new OutsideCall.Of(call, FunctionCalls.Arguments(statement.Tokens, call.At));
            yield return new Effect(EffectKind.Run, new SqlObject(ObjectKind.Function, of.Name), of) { Command = command };
        }
    }

    /// <summary>The calls in the definitions that it makes, such as defaults and checks.</summary>
    public static IEnumerable<Effect> Of(StoredExpression stored, Command command)
    {
        foreach (var call in stored.Calls.DistinctBy(c => (c.Schema, c.Name)))
        {
            var of = new OutsideCall.Of(call, FunctionCalls.Arguments(stored.Tokens, call.At)) { IsStored = true };
            yield return new Effect(EffectKind.Run, new SqlObject(ObjectKind.Function, of.Name), of) { Command = command };
        }
    }

    /// <summary>The token that what it computes begins at; null if it computes nothing.</summary>
    public static int? From(SqlStatement statement, Command command)
    {
        switch (command)
        {
            case Command.Query:
                return 0;
            case Command.CreateTable or Command.CreateObject { Kind: ObjectKind.MaterializedView }:
                if (statement.StartsWith("select") || statement.StartsWith("with"))
                    return 0;
                var cursor = new TokenCursor(statement.Tokens);
                return cursor.Find("as") is var at && at < statement.Tokens.Count && statement.Tokens[at].Is("as") ? at + 1 : null;
            default:
                return null;
        }
    }

    private static OutsideCall.Program? Program(SqlStatement statement)
    {
        if (!statement.StartsWith("copy"))
            return null;
        var cursor = new TokenCursor(statement.Tokens);
        cursor.BackTo(cursor.Find("from", "to"));
        var writes = cursor.At("to");
        cursor.Skip();
        return cursor.At("program") ? new OutsideCall.Program(true) : writes && cursor.Current is { Kind: SqlTokenKind.Text } ? new OutsideCall.Program(false) : null;
    }
}
