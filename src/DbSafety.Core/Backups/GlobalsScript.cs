using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Backups;

/// <summary>One statement of a globals file that defines a role.</summary>
/// <param name="Role">The role that it defines: for a membership, the member.</param>
/// <param name="Sql">Without a grantor, because another role runs it; and without the attributes that a new role lacks anyway, because naming them requires a superuser.</param>
internal sealed record RoleStatement(string Role, string Sql)
{
    /// <summary>The role that the other becomes a member of, where that is what it does.</summary>
    public string? MemberOf { get; init; }

    /// <summary>It lets the role log in.</summary>
    public bool Login { get; init; }

    public bool Superuser { get; init; }

    public bool Password { get; init; }
}

/// <summary>The roles in a set's globals file, as <c>pg_dumpall --globals-only</c> writes it (src/bin/pg_dump/pg_dumpall.c).</summary>
internal static class GlobalsScript
{
    private static readonly HashSet<string> Defaults = ["nosuperuser", "nocreaterole", "nocreatedb", "noreplication", "nobypassrls"];

    /// <summary>Statements about roles in their order. Tablespaces are not among them: they need folders on the server first.</summary>
    public static IReadOnlyList<RoleStatement> Roles(string script) =>
        [.. SqlSplitter.Split(script).Where(s => !s.IsPsqlCommand).Select(Read).OfType<RoleStatement>()];

    private static RoleStatement? Read(SqlStatement statement)
    {
        var cursor = new TokenCursor(statement.Tokens);
        if (cursor.Take("create", "role") || cursor.Take("comment", "on", "role"))
            return cursor.TakeName() is { } role ? new RoleStatement(role, statement.Text) : null;
        if (cursor.Take("alter", "role"))
            return cursor.TakeName() is { } altered && !cursor.At("in") ? Altered(statement, altered) : null;
        if (!cursor.Take("grant"))
            return null;
        var granted = cursor.TakeName();
        if (cursor.Take("to") && cursor.TakeName() is { } member)
            return new RoleStatement(member, Without(statement, GrantorAt(statement))) { MemberOf = granted };
        var onParameter = statement.Contains("parameter") && !statement.Contains("tablespace");
        var to = statement.Tokens.ToList().FindLastIndex(t => t.Is("to"));
        return onParameter && to >= 0 && to + 1 < statement.Tokens.Count ? new RoleStatement(statement.Tokens[to + 1].Value, Without(statement, GrantorAt(statement))) : null;
    }

    private static RoleStatement Altered(SqlStatement statement, string role)
    {
        if (!statement.Contains("with"))
            return new RoleStatement(role, statement.Text);
        bool Has(string word) => statement.Contains(word);
        return new RoleStatement(role, Without(statement, t => t.Kind == SqlTokenKind.Word && Defaults.Contains(t.Value)))
        {
            Login = Has("login"),
            Superuser = Has("superuser"),
            Password = Has("password"),
        };
    }

    private static Func<SqlToken, bool> GrantorAt(SqlStatement statement)
    {
        var granted = statement.Tokens.FirstOrDefault(t => t.Is("granted"));
        return token => granted.Length > 0 && token.Start >= granted.Start;
    }

    private static string Without(SqlStatement statement, Func<SqlToken, bool> isLeftOut) =>
        string.Join(' ', statement.Tokens.Where(t => !isLeftOut(t)).Select(t => statement.Text.Substring(t.Start - statement.Offset, t.Length)));
}
