using DbSafety.Backups.Compression;

namespace DbSafety.Core.Tests.Backups;

public sealed class CompressionTests
{
    public static TheoryData<string, int> Cases => new() { { "zstd", 0 }, { "zstd", 1 }, { "zstd", 5_000_000 }, { "gzip", 0 }, { "gzip", 100_000 }, { "gzip", 5_000_000 } };

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_was_packed_unpacks_to_the_same_bytes(string name, int size)
    {
        var data = Data(size);
        Assert.Equal(data, Unpack(name, Pack(name, data)));
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip")]
    public void A_stream_that_was_cut_anywhere_is_an_error(string name)
    {
        var packed = Pack(name, Data(3_000_000));
        foreach (var length in Enumerable.Range(1, 40).Select(i => (int)((long)packed.Length * i / 41)).Append(packed.Length - 1))
            Assert.Throws<InvalidDataException>(() => Unpack(name, packed[..length]));
    }

    [Theory]
    [InlineData("zstd", 4 << 20)]
    [InlineData("gzip", 1 << 20)]
    [InlineData("none", 1)]
    public void It_can_be_entered_anywhere_without_what_is_before(string name, int block)
    {
        var data = Data(9_000_000);
        var packed = new MemoryStream();
        using var stream = PayloadCompression.Of(name).Compress(packed, 4);
        stream.Write(data, 0, data.Length);
        stream.Complete();
        foreach (var position in new[] { 0, 1, block - 1, block, block + 1, 8_999_999 })
        {
            var (offset, skip) = stream.PlaceOf(position);
            Assert.InRange(skip, 0, block - 1);
            Assert.True(position < block || offset > 0);
            Assert.Equal(data[position..], Unpack(name, packed.ToArray()[(int)offset..])[skip..]);
        }
    }

    [Theory]
    [InlineData("zstd", 4 << 20)]
    [InlineData("gzip", 1 << 20)]
    public void Behind_the_last_block_there_is_the_end(string name, int block)
    {
        var packed = new MemoryStream();
        using var stream = PayloadCompression.Of(name).Compress(packed, 4);
        stream.Write(Data(block * 2));
        stream.Complete();
        Assert.Equal((packed.Length, 0), stream.PlaceOf(block * 2));
    }

    private static byte[] Data(int size)
    {
        var random = new Random(1);
        var data = new byte[size];
        random.NextBytes(data);
        for (var i = 0; i < size; i++)
            data[i] = (byte)('a' + data[i] % 16);
        return data;
    }

    private static byte[] Pack(string name, byte[] data)
    {
        var packed = new MemoryStream();
        using (var stream = PayloadCompression.Of(name).Compress(packed, 4))
        {
            for (var at = 0; at < data.Length; at += 70_001)
                stream.Write(data, at, Math.Min(70_001, data.Length - at));
            stream.Complete();
        }

        return packed.ToArray();
    }

    private static byte[] Unpack(string name, byte[] packed)
    {
        using var stream = PayloadCompression.Of(name).Decompress(new MemoryStream(packed), "x");
        var data = new MemoryStream();
        stream.CopyTo(data);
        return data.ToArray();
    }
}
