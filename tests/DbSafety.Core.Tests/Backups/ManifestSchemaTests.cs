using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Tables;

namespace DbSafety.Core.Tests.Backups;

/// <summary>Holds <c>docs/manifest.schema.json</c> and the manifest's own type together.</summary>
public sealed class ManifestSchemaTests
{
    private static readonly JsonObject Schema = JsonNode.Parse(File.ReadAllText(Repository.Folder("docs/manifest.schema.json")))!.AsObject();

    private static JsonObject Manifest => JsonNode.Parse(ManifestFile.Write(ManifestFileTests.Manifest with
    {
        SchemaHash = new string('a', 64),
        Files = [new BackupFile("a.dump.zst", 12, new string('b', 64))],
        Tables = [new TableCount("public", "orders", 1204) { Checksum = new string('c', 32) }],
        Scope = new BackupScope { Tables = ["orders"] },
    }))!.AsObject();

    [Fact]
    public void The_JSON_schema_has_exactly_the_properties_of_the_manifest_at_every_level()
    {
        var options = new JsonSerializerOptions(ManifestFile.Json);
        options.MakeReadOnly(populateMissingResolver: true);
        AssertSame(options.GetTypeInfo(typeof(BackupManifest)), Schema, options, "manifest");
    }

    [Fact]
    public void A_written_manifest_is_valid_against_the_JSON_schema() => Assert.Empty(SchemaValidation.Problems(Schema, Manifest));

    [Fact]
    public void An_unknown_schema_keyword_is_an_error()
    {
        var schema = Schema.DeepClone().AsObject();
        schema["properties"]!["seal"]!["minLenght"] = 3;
        Assert.ThrowsAny<Exception>(() => SchemaValidation.Problems(schema, Manifest));
    }

    [Theory]
    [InlineData("seal", "\"short\"")]
    [InlineData("format", "\"tar\"")]
    [InlineData("formatVersion", "2")]
    [InlineData("largeObjects", "-1")]
    [InlineData("largeObjects", "1.5")]
    [InlineData("files", "[]")]
    [InlineData("tables", "[{\"schema\": \"public\", \"name\": \"t\"}]")]
    [InlineData("tables", "[{\"schema\": \"public\", \"name\": \"t\", \"rows\": 1, \"checksum\": \"x\"}]")]
    [InlineData("snapshotTime", "\"2026-11-20T02:15:00+02:00\"")]
    [InlineData("unknown", "1")]
    public void A_manifest_with_an_invalid_property_fails_schema_validation(string property, string value)
    {
        var manifest = Manifest;
        manifest[property] = JsonNode.Parse(value);
        Assert.NotEmpty(SchemaValidation.Problems(Schema, manifest));
    }

    [Fact]
    public void A_manifest_without_a_required_property_fails_schema_validation()
    {
        foreach (var name in Schema["required"]!.AsArray().Select(r => r!.GetValue<string>()))
        {
            var manifest = Manifest;
            Assert.True(manifest.Remove(name), $"{name} is required, and is not in a manifest");
            Assert.NotEmpty(SchemaValidation.Problems(Schema, manifest));
        }
    }

    private static void AssertSame(JsonTypeInfo type, JsonObject rules, JsonSerializerOptions options, string at)
    {
        if (rules["$ref"]?.GetValue<string>() is { } reference)
            rules = Schema["$defs"]![reference["#/$defs/".Length..]]!.AsObject();
        if (type.Kind == JsonTypeInfoKind.Enumerable)
        {
            Assert.Equal("array", rules["type"]?.GetValue<string>());
            AssertSame(options.GetTypeInfo(type.ElementType!), rules["items"]!.AsObject(), options, at + "[]");
        }
        else if (type.Kind == JsonTypeInfoKind.Object)
        {
            var properties = type.Properties.Where(p => p.Get is not null).ToList();
            Assert.Equal(properties.Select(p => p.Name).Order(), rules["properties"]!.AsObject().Select(p => p.Key).Order());
            Assert.Equal(properties.Where(p => !IsNullable(p)).Select(p => p.Name).Order(), rules["required"]!.AsArray().Select(r => r!.GetValue<string>()).Order());
            Assert.False(rules["additionalProperties"]!.GetValue<bool>(), at);
            foreach (var property in properties)
                AssertSame(options.GetTypeInfo(property.PropertyType), rules["properties"]![property.Name]!.AsObject(), options, $"{at}.{property.Name}");
        }
        else if (type.Type.IsEnum)
        {
            Assert.Equal(Enum.GetNames(type.Type).Select(JsonNamingPolicy.CamelCase.ConvertName).Order(), rules["enum"]!.AsArray().Select(r => r!.GetValue<string>()).Order());
        }
    }

    /// <summary>What is null is not written.</summary>
    private static bool IsNullable(JsonPropertyInfo property) =>
        property.AttributeProvider is PropertyInfo info && new NullabilityInfoContext().Create(info).ReadState == NullabilityState.Nullable;
}
