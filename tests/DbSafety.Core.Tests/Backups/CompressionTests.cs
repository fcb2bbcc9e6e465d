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
    public void A_stream_that_was_not_completed_or_was_cut_is_an_error_or_shorter(string name)
    {
        var data = Data(3_000_000);
        var packed = Pack(name, data);
        foreach (var length in new[] { packed.Length - 1, packed.Length / 2, 20 })
        {
            try
            {
                Assert.True(Unpack(name, packed[..length]).Length < data.Length || name == "gzip");
            }
            catch (InvalidDataException)
            {
                // Said as an error: better still.
            }
        }
    }

    [Fact]
    public void A_cut_zstd_frame_is_always_an_error()
    {
        var packed = Pack("zstd", Data(200_000));
        foreach (var length in Enumerable.Range(1, 40).Select(i => packed.Length * i / 41))
            Assert.Throws<InvalidDataException>(() => Unpack("zstd", packed[..length]));
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
