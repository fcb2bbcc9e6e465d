using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace DbSafety.Testing;

/// <summary>Validates JSON by one of our schemas. A keyword that no schema can have is an error, so that a misspelled one is not passed over.</summary>
public static class SchemaValidation
{
    /// <summary>What breaks the schema, each with where it is; empty: the value is valid.</summary>
    public static IReadOnlyList<string> Problems(JsonObject schema, JsonNode? value)
    {
        var rules = schema.DeepClone().AsObject();
        // Dialects before this one take unknown keywords for annotations, and the schema's own word would win over the option.
        rules.Remove("$schema");
        var results = JsonSchema.FromText(rules.ToJsonString(), new BuildOptions { Dialect = Dialect.V1_2026 })
            .Evaluate(JsonSerializer.SerializeToElement(value), new EvaluationOptions { OutputFormat = OutputFormat.List });
        return results.IsValid ? [] : [.. (results.Details ?? []).Where(d => d.Errors is not null).SelectMany(d => d.Errors!.Select(e => $"{d.InstanceLocation}: {e.Key}: {e.Value}"))];
    }
}
