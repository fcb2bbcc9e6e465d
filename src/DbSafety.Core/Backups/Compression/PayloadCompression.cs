using DbSafety.Errors;

namespace DbSafety.Backups.Compression;

/// <summary>Which compression a payload has, by name and by the ending of its file.</summary>
internal sealed record PayloadCompression(string Name, string Extension)
{
    /// <summary>zstd's own default: as small as gzip's default and many times as fast.</summary>
    private const int ZstdLevel = 3;

    public static readonly PayloadCompression Zstd = new("zstd", ".zst");
    public static readonly PayloadCompression Gzip = new("gzip", ".gz");
    public static readonly PayloadCompression None = new("none", "");

    /// <summary>zstd where the platform has it, else gzip.</summary>
    public static PayloadCompression Best => ZstdLibrary.IsAvailable ? Zstd : Gzip;

    public static PayloadCompression Of(string name) => name switch
    {
        "zstd" => Zstd,
        "gzip" => Gzip,
        _ => None,
    };

    public WriteOnlyStream Compress(Stream target, int workers) => Name switch
    {
        "zstd" => new ZstdCompressStream(target, ZstdLevel, workers),
        "gzip" => new ParallelGzipStream(target, workers),
        _ => throw new NotSupportedException(Name),
    };

    /// <exception cref="DbSafetyException"><c>DBS209</c> when the machine lacks libzstd.</exception>
    public Stream Decompress(Stream source, string path) => Name switch
    {
        "zstd" when !ZstdLibrary.IsAvailable => throw ErrorCatalogue.CompressionUnavailable.For(path),
        "zstd" => new ZstdDecompressStream(source),
        "gzip" => new GzipDecompressStream(source),
        _ => source,
    };
}
