using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using DbSafety.Databases.Tables;

namespace DbSafety.Databases.Definitions;

/// <summary>Everything that <c>pg_dump --schema-only</c> prints of a database, by object, sorted by name.</summary>
/// <param name="Unread">Kinds of objects that were not read because they require a superuser.</param>
internal sealed record SchemaDefinitions(IReadOnlyList<SchemaObject> Objects, IReadOnlyList<string> Unread)
{
    /// <summary>The version of <see cref="Hash"/>; <see cref="SchemaHash"/> is version 1.</summary>
    public const int HashVersion = 3;

    private byte[]? json;

    /// <summary>SHA-256 over all of it.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(Json()));

    /// <summary>As JSON, gzip and base64, for manifests.</summary>
    public string Encode()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(Json());
        return Convert.ToBase64String(packed.ToArray());
    }

    /// <exception cref="FormatException">It is not a result of <see cref="Encode"/>.</exception>
    public static SchemaDefinitions Decode(string text)
    {
        try
        {
            using var gzip = new GZipStream(new MemoryStream(Convert.FromBase64String(text)), CompressionMode.Decompress);
            using var document = JsonDocument.Parse(gzip);
            var root = document.RootElement;
            return new SchemaDefinitions([.. root.GetProperty("objects").EnumerateArray().Select(ObjectOf)], [.. root.GetProperty("unread").EnumerateArray().Select(u => u.GetString()!)]);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException("the definitions cannot be read", e);
        }
    }

    private static SchemaObject ObjectOf(JsonElement element)
    {
        var read = new SchemaObject(element[0].GetString()!, element[1].GetString());
        foreach (var property in element[2].EnumerateObject())
            read.Properties.Add(property.Name, property.Value.GetString()!);
        return read;
    }

    private byte[] Json()
    {
        if (json is not null)
            return json;
        var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true }))
            Write(writer);
        return json = stream.ToArray();
    }

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("unread");
        foreach (var kind in Unread)
            writer.WriteStringValue(kind);
        writer.WriteEndArray();
        writer.WriteStartArray("objects");
        foreach (var one in Objects)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(one.Name);
            writer.WriteStringValue(one.Parent);
            writer.WriteStartObject();
            foreach (var (property, value) in one.Properties)
                writer.WriteString(property, value);
            writer.WriteEndObject();
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
