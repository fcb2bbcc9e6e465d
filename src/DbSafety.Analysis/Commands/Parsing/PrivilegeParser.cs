using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing;

/// <summary>Reads what follows GRANT and REVOKE.</summary>
internal static class PrivilegeParser
{
    public static Command Parse(TokenCursor cursor, bool isRevoke, string? schema)
    {
        var from = cursor.Position;
        var on = cursor.Find("on");
        if (on >= cursor.Count || !cursor.TokenAt(on).Is("on"))
            return Roles(cursor, isRevoke, from);
        cursor.BackTo(on + 1);
        if (cursor.Take("all"))
            return AllIn(cursor, isRevoke);
        var kind = ObjectKinds.Take(cursor) ?? ObjectKind.Table;
        var names = new List<RelationName>();
        do
        {
            if (ObjectNames.Take(cursor, kind, schema) is { } name)
                names.Add(name);
        }
        while (cursor.TakeMark(','));
        return names.Count == 0 ? new Command.Unknown() : new Command.Privileges(isRevoke, kind, names);
    }

    /// <summary>GRANT … ON ALL TABLES IN SCHEMA a, b.</summary>
    private static Command AllIn(TokenCursor cursor, bool isRevoke)
    {
        cursor.Skip();
        if (!cursor.Take("in", "schema"))
            return new Command.Unknown();
        return new Command.Privileges(isRevoke, ObjectKind.Schema, cursor.TakeRelations(null));
    }

    /// <summary>GRANT role TO role.</summary>
    private static Command Roles(TokenCursor cursor, bool isRevoke, int from)
    {
        cursor.BackTo(from);
        _ = cursor.Take("admin", "option", "for") || cursor.Take("inherit", "option", "for") || cursor.Take("set", "option", "for");
        var roles = cursor.TakeRelations(null);
        return roles.Count == 0 || !cursor.TakeAny("to", "from") ? new Command.Unknown() : new Command.Privileges(isRevoke, ObjectKind.Role, roles);
    }
}
