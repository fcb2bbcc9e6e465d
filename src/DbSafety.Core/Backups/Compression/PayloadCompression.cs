using DbSafety.Errors;

namespace DbSafety.Backups.Compression;

/// <summary>Which compression a payload has, by name and by the ending of its file.</summary>
internal sealed record PayloadCompression(string Name, string Extension)
{
    /// <summary>zstd's own default: as small as gzip's default and many times as fast.</summary>
    private const int ZstdLevel = 3;

    private const int FastestGzip = 1;

    /// <summary>Levels above need more memory to unpack than other tools allow by default.</summary>
    private const int MostZstd = 19;

    private const int MostGzip = 9;

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

    /// <param name="level">Null: the default.</param>
    /// <exception cref="DbSafetyException"><c>DBS223</c>.</exception>
    public WriteOnlyStream Compress(Stream target, int workers, int? level = null) => Name switch
    {
        "zstd" => new BlockCompressStream(target, new ZstdPacker(Level(level)), workers),
        "gzip" => new BlockCompressStream(target, new GzipPacker(Level(level)), workers),
        _ => new PassingStream(target),
    };

    /// <summary>The level asked for, or the default.</summary>
    /// <exception cref="DbSafetyException"><c>DBS223</c>: it is none of this compression's.</exception>
    public int Level(int? asked)
    {
        var (usual, most) = Name == "zstd" ? (ZstdLevel, MostZstd) : (FastestGzip, MostGzip);
        var level = asked ?? usual;
        return level >= 1 && level <= most ? level : throw ErrorCatalogue.CompressionLevelInvalid.For(Name, level, most);
    }

    /// <exception cref="DbSafetyException"><c>DBS209</c> when the machine lacks libzstd.</exception>
    public Stream Decompress(Stream source, string path) => Name switch
    {
        "zstd" when !ZstdLibrary.IsAvailable => throw ErrorCatalogue.CompressionUnavailable.For(path),
        "zstd" => new ZstdDecompressStream(source),
        "gzip" => new GzipDecompressStream(source),
        _ => source,
    };
}
