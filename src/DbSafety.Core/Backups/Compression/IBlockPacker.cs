namespace DbSafety.Backups.Compression;

/// <summary>Packs blocks, each by itself; several at the same time.</summary>
internal interface IBlockPacker : IDisposable
{
    /// <summary>Bytes of each block but the last.</summary>
    int BlockSize { get; }

    /// <summary>The block, packed, in an array that was rented from the shared pool.</summary>
    ArraySegment<byte> Pack(ReadOnlySpan<byte> block);
}
