using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Backups.Sets.Folders;

/// <summary>Reads and writes manifests. The seal is SHA-256 of the manifest as we write it, with the seal itself empty.</summary>
public static class ManifestFile
{
    internal static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The text of a manifest, sealed.</summary>
    public static string Write(BackupManifest manifest)
    {
        var open = manifest with { Seal = "" };
        return JsonSerializer.Serialize(open with { Seal = Hash(open) }, Json) + "\n";
    }

    /// <exception cref="DbSafetyException"><c>DBS203</c> it is not there; <c>DBS204</c> it is damaged; <c>DBS208</c> it is of a newer format; <c>DBS211</c>.</exception>
    public static BackupManifest Read(string path)
    {
        if (FileContent.IsEmpty(path))
            throw ErrorCatalogue.BackupDamaged.For(path, "the manifest is empty or is not a regular file");
        string text;
        try
        {
            text = File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw ErrorCatalogue.BackupNotFound.Because(e, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ErrorCatalogue.FileUnreadable.Because(e, path, e.Message);
        }
        catch (DecoderFallbackException e)
        {
            throw ErrorCatalogue.BackupDamaged.Because(e, path, "the manifest is not text");
        }

        return Parse(path, text);
    }

    /// <summary>Whether the file is a manifest of DbSafety at all, intact or not.</summary>
    public static bool LooksLikeOne(string path)
    {
        using var reader = new StreamReader(path);
        var head = new char[256];
        return new string(head, 0, reader.ReadBlock(head)).Contains("\"formatVersion\"", StringComparison.Ordinal);
    }

    private static BackupManifest Parse(string path, string text)
    {
        try
        {
            using (var document = JsonDocument.Parse(text))
            {
                var version = document.RootElement.TryGetProperty("formatVersion", out var v) && v.TryGetInt32(out var number) ? number : 0;
                if (version > BackupManifest.CurrentFormat)
                    throw ErrorCatalogue.ManifestTooNew.For(path, version);
            }

            var manifest = JsonSerializer.Deserialize<BackupManifest>(text, Json) ?? throw new JsonException("empty");
            // Written again it must be the same to the byte: the seal then covers the text as well as its meaning.
            if (manifest.Seal != Hash(manifest with { Seal = "" }) || Write(manifest) != text || manifest.Files.Count == 0)
                throw ErrorCatalogue.BackupDamaged.For(path, "the manifest was changed after it was written");
            return manifest;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw ErrorCatalogue.BackupDamaged.Because(e, path, "the manifest cannot be read");
        }
    }

    private static string Hash(BackupManifest manifest) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(manifest, Json))));
}
