using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands;

/// <summary>Reads which kind of object a statement is about, and says it in PostgreSQL's words.</summary>
internal static class ObjectKinds
{
    /// <summary>Longer ones stand before those that begin like them.</summary>
    private static readonly (string[] Words, ObjectKind Kind)[] Known =
    [
        (["foreign", "table"], ObjectKind.ForeignTable), (["table"], ObjectKind.Table), (["index"], ObjectKind.Index),
        (["column"], ObjectKind.Column), (["constraint"], ObjectKind.Constraint),
        (["materialized", "view"], ObjectKind.MaterializedView), (["view"], ObjectKind.View), (["sequence"], ObjectKind.Sequence),
        (["schema"], ObjectKind.Schema), (["database"], ObjectKind.Database), (["type"], ObjectKind.Type), (["domain"], ObjectKind.Domain),
        (["function"], ObjectKind.Function), (["procedure"], ObjectKind.Procedure), (["routine"], ObjectKind.Routine), (["aggregate"], ObjectKind.Aggregate),
        (["event", "trigger"], ObjectKind.EventTrigger), (["trigger"], ObjectKind.Trigger), (["rule"], ObjectKind.Rule), (["policy"], ObjectKind.Policy),
        (["extension"], ObjectKind.Extension), (["role"], ObjectKind.Role), (["user", "mapping"], ObjectKind.UserMapping), (["user"], ObjectKind.Role),
        (["group"], ObjectKind.Role), (["tablespace"], ObjectKind.Tablespace), (["publication"], ObjectKind.Publication),
        (["subscription"], ObjectKind.Subscription), (["foreign", "data", "wrapper"], ObjectKind.ForeignDataWrapper), (["foreign", "server"], ObjectKind.Server),
        (["server"], ObjectKind.Server), (["trusted", "procedural", "language"], ObjectKind.Language), (["trusted", "language"], ObjectKind.Language),
        (["procedural", "language"], ObjectKind.Language), (["language"], ObjectKind.Language), (["default", "conversion"], ObjectKind.Conversion),
        (["conversion"], ObjectKind.Conversion), (["collation"], ObjectKind.Collation), (["operator", "class"], ObjectKind.OperatorClass),
        (["operator", "family"], ObjectKind.OperatorFamily), (["operator"], ObjectKind.Operator), (["cast"], ObjectKind.Cast),
        (["transform"], ObjectKind.Transform), (["access", "method"], ObjectKind.AccessMethod), (["statistics"], ObjectKind.Statistics),
        (["text", "search", "configuration"], ObjectKind.TextSearch), (["text", "search", "dictionary"], ObjectKind.TextSearch),
        (["text", "search", "parser"], ObjectKind.TextSearch), (["text", "search", "template"], ObjectKind.TextSearch),
        (["large", "object"], ObjectKind.LargeObject), (["default", "privileges"], ObjectKind.DefaultPrivileges), (["system"], ObjectKind.System),
        (["parameter"], ObjectKind.Parameter), (["property", "graph"], ObjectKind.PropertyGraph),
    ];

    public static ObjectKind? Take(TokenCursor cursor)
    {
        foreach (var (words, kind) in Known)
        {
            if (cursor.Take(words))
                return kind;
        }

        return null;
    }

    /// <summary>In words, such as <c>materialized view</c>.</summary>
    public static string Words(ObjectKind kind) => kind switch
    {
        ObjectKind.TextSearch => "text search object",
        ObjectKind.None => "object",
        _ => Array.Find(Known, k => k.Kind == kind) is { Words: { } words } ? string.Join(' ', words) : kind.ToString().ToLowerInvariant(),
    };

    /// <summary>Whether rows can be stored in it or read from it, so that it shares its names with tables.</summary>
    public static bool IsRelation(ObjectKind kind) =>
        kind is ObjectKind.Table or ObjectKind.ForeignTable or ObjectKind.View or ObjectKind.MaterializedView or ObjectKind.Index or ObjectKind.Sequence;
}
