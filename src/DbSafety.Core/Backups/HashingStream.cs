using System.Security.Cryptography;
using DbSafety.Backups.Compression;

namespace DbSafety.Backups;

/// <summary>Writes to a file, hashing and counting the bytes; the file is synced to the disk when complete.</summary>
internal sealed class HashingStream(FileStream file) : WriteOnlyStream
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public long Bytes { get; private set; }

    public string Sha256 => Convert.ToHexStringLower(hash.GetCurrentHash());

    public override void Write(ReadOnlySpan<byte> data)
    {
        file.Write(data);
        hash.AppendData(data);
        Bytes += data.Length;
    }

    public override void Complete() => file.Flush(flushToDisk: true);

    protected override void Dispose(bool disposing)
    {
        hash.Dispose();
        file.Dispose();
        base.Dispose(disposing);
    }
}
