using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DbSafety.Core.Tests;

/// <summary>
/// Validates JSON by a JSON schema (draft 2020-12), as far as our own schemas go: a keyword it does not know is an error, so that nothing in a
/// schema is passed over.
/// </summary>
public sealed class SchemaValidation(JsonObject schema)
{
    private static readonly string[] Annotations = ["$schema", "$defs", "title", "description"];

    private readonly List<string> problems = [];

    /// <summary>What breaks the schema, each with where it is; empty: the value is valid.</summary>
    public static IReadOnlyList<string> Problems(JsonObject schema, JsonNode? value)
    {
        var validation = new SchemaValidation(schema);
        validation.Check(schema, value, "$");
        return validation.problems;
    }

    private void Check(JsonObject rules, JsonNode? value, string at)
    {
        foreach (var (keyword, rule) in rules.Where(r => !Annotations.Contains(r.Key)))
        {
            if (!Holds(keyword, rule!, rules, value, at))
                problems.Add($"{at}: {value?.ToJsonString() ?? "null"} breaks {keyword} {rule!.ToJsonString()}");
        }
    }

    private bool Holds(string keyword, JsonNode rule, JsonObject rules, JsonNode? value, string at) => keyword switch
    {
        "$ref" => CheckAll([(Referenced(rule.GetValue<string>()), value, at)]),
        "type" => IsOfType(rule.GetValue<string>(), value),
        "const" => JsonNode.DeepEquals(rule, value),
        "enum" => rule.AsArray().Any(r => JsonNode.DeepEquals(r, value)),
        "required" => value is not JsonObject o || rule.AsArray().All(r => o.ContainsKey(r!.GetValue<string>())),
        "properties" => value is not JsonObject o || CheckAll(rule.AsObject().Where(p => o.ContainsKey(p.Key)).Select(p => (p.Value!.AsObject(), o[p.Key], $"{at}.{p.Key}"))),
        "additionalProperties" when !rule.GetValue<bool>() => value is not JsonObject o || o.All(p => rules["properties"]!.AsObject().ContainsKey(p.Key)),
        "items" => value is not JsonArray a || CheckAll(a.Select((item, i) => (rule.AsObject(), item, $"{at}[{i}]"))),
        "minItems" => value is not JsonArray a || a.Count >= rule.GetValue<int>(),
        "pattern" => !IsOfType("string", value) || Regex.IsMatch(value!.GetValue<string>(), rule.GetValue<string>()),
        "minLength" => !IsOfType("string", value) || value!.GetValue<string>().Length >= rule.GetValue<int>(),
        "minimum" => !IsOfType("number", value) || Number(value!) >= Number(rule),
        "maximum" => !IsOfType("number", value) || Number(value!) <= Number(rule),
        _ => throw new NotSupportedException($"{at}: this validator does not know {keyword}"),
    };

    /// <summary>Problems inside are reported where they are, so the keyword itself always holds.</summary>
    private bool CheckAll(IEnumerable<(JsonObject Rules, JsonNode? Value, string At)> inner)
    {
        foreach (var (rules, value, at) in inner.ToList())
            Check(rules, value, at);
        return true;
    }

    private JsonObject Referenced(string reference) => schema["$defs"]![reference["#/$defs/".Length..]]!.AsObject();

    private static bool IsOfType(string type, JsonNode? value) => (type, value?.GetValueKind()) switch
    {
        ("object", System.Text.Json.JsonValueKind.Object) or ("array", System.Text.Json.JsonValueKind.Array) or ("string", System.Text.Json.JsonValueKind.String) => true,
        ("number", System.Text.Json.JsonValueKind.Number) => true,
        ("integer", System.Text.Json.JsonValueKind.Number) => Number(value!) == decimal.Truncate(Number(value!)),
        ("boolean", System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False) => true,
        _ => false,
    };

    private static decimal Number(JsonNode value) => decimal.Parse(value.ToJsonString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture);
}
