using DbSafety.Backups.Compression;
using DbSafety.Backups.Sets;

namespace DbSafety.Core.Tests.Backups;

public sealed class CompressionTests
{
    public static TheoryData<string, int> Cases => new() { { "zstd", 0 }, { "zstd", 1 }, { "zstd", 5_000_000 }, { "gzip", 0 }, { "gzip", 100_000 }, { "gzip", 5_000_000 } };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Decompression_restores_the_original_bytes(string name, int size)
    {
        var data = Data(size);
        Assert.Equal(data, Unpack(name, Pack(name, data)));
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip")]
    public void A_compressed_stream_truncated_at_any_position_is_an_error(string name)
    {
        var packed = Pack(name, Data(3_000_000));
        foreach (var length in Enumerable.Range(1, 40).Select(i => (int)((long)packed.Length * i / 41)).Append(packed.Length - 1))
            Assert.Throws<InvalidDataException>(() => Unpack(name, packed[..length]));
    }

    [Theory]
    [InlineData("zstd", 4 << 20)]
    [InlineData("gzip", 1 << 20)]
    [InlineData("none", 1)]
    public void Decompression_can_start_at_any_block_without_the_preceding_data(string name, int block)
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
    public void The_position_after_the_last_block_is_the_end_of_the_stream(string name, int block)
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

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(200_000)]
    public void Zero_padding_after_a_gzip_file_is_ignored(int zeros)
    {
        foreach (var data in new[] { Data(3), Data(3_000_000), new byte[70_000] })
            Assert.Equal(data, Unpack("gzip", [.. Pack("gzip", data), .. new byte[zeros]]));
    }

    [Fact]
    public void Data_after_zero_padding_of_a_gzip_file_is_an_error()
    {
        var packed = Pack("gzip", Data(1000));
        Assert.Throws<InvalidDataException>(() => Unpack("gzip", [.. packed, .. new byte[512], .. packed]));
        Assert.Throws<InvalidDataException>(() => Unpack("gzip", [.. packed, .. "log"u8, .. new byte[512], 1]));
        for (var cut = 1; cut < packed.Length - 3; cut += 7)
            Assert.Throws<InvalidDataException>(() => Unpack("gzip", [.. packed[..cut], .. new byte[512]]));
    }

    [Fact]
    public void A_file_that_begins_with_a_skippable_zstd_frame_is_detected_as_zstd()
    {
        byte[] file = [0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0, 1, 2, 3, 4, .. Pack("zstd", Data(1000))];
        Assert.Equal("zstd", ForeignDump.CompressionOf("x", file).Name);
        Assert.Equal(Data(1000), Unpack("zstd", file));
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
