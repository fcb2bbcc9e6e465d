using DbSafety.Databases;

namespace DbSafety.Analysis.Rules;

/// <summary>A schema goes; with CASCADE, so does everything in it.</summary>
internal sealed class DropSchema : IAnalysisRule
{
    public string Id => "drop-schema";

    public FindingSeverity Severity => FindingSeverity.Destructive;

    public IEnumerable<Effect> Find(StatementContext context)
    {
        var cursor = new TokenCursor(context.Statement.Tokens);
        if (!cursor.Take("drop", "schema"))
            yield break;
        cursor.Take("if", "exists");
        var cascades = context.Statement.Contains("cascade");
        foreach (var schema in cursor.TakeRelations(null))
        {
            var name = SqlName.Display(schema.Name);
            yield return new Effect(name, $"drops schema {name}", $"Drop what is in {name} one by one, so that each is seen and allowed.")
            {
                Question = new LiveQuestion(LiveFactKind.SchemaRows, schema),
                HarmlessBecause = cascades ? null : "without CASCADE PostgreSQL drops a schema only when it is empty",
            };
        }
    }
}
