using System.Text;
using DbSafety.Backups.Dumps;
using DbSafety.Restores.Filling;

namespace DbSafety.Core.Tests.Restores;

public sealed class RowPiecesTests
{
    private const string EndMark = "\\.\n\n\n";

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 5)]
    [InlineData(100_000, 30)]
    [InlineData(3, 3_000_000)]
    [InlineData(1_048_571, 1)] // the end mark lies across the first piece's end
    [InlineData(524_287, 2)]
    public void Concatenated_pieces_equal_the_rows_and_each_piece_ends_at_a_row_end(int rows, int length)
    {
        var text = string.Concat(Enumerable.Range(0, rows).Select(i => new string((char)('a' + i % 26), length - 1) + "\n"));
        var pieces = new RowPieces(new MemoryStream(Encoding.ASCII.GetBytes(text + EndMark)));
        var read = new StringBuilder();
        while (pieces.Next() is { } piece)
        {
            Assert.Equal((byte)'\n', piece[^1]);
            read.Append(Encoding.ASCII.GetString(piece));
            RowPieces.Return(piece);
        }

        Assert.True(text == read.ToString());
        Assert.Null(pieces.Next());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\n")]
    [InlineData("a\n\\.\n\n")]
    public void Data_without_the_end_marker_is_damaged(string data) =>
        Assert.Throws<DumpDamagedException>(() => new RowPieces(new MemoryStream(Encoding.ASCII.GetBytes(data))).Next());
}
