namespace DbSafety.Backups.Dumps.Archives;

/// <summary>How pg_dump packed the data inside an archive (src/include/common/compression.h, <c>pg_compress_algorithm</c>).</summary>
internal enum ArchiveCompression
{
    None,
    Gzip,
    Lz4,
    Zstd,
}
