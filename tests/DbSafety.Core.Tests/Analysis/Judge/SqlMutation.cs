using System.Text;

namespace DbSafety.Core.Tests.Analysis.Judge;

/// <summary>Makes broken scripts of whole ones.</summary>
internal sealed class SqlMutation(Random random, IReadOnlyList<string> seeds)
{
    private const int Longest = 4_000;

    /// <summary>What changes the meaning of all that follows.</summary>
    private static readonly string[] Turns =
    [
        "'", "\"", "$$", "$a$", "/*", "*/", "--", ";", "\\", "E'", "U&\"", "U&'", "(", ")", "\n", "\r", "\0", "\u2028", "BEGIN ATOMIC ", " END ", "\\.\n", "COPY t FROM stdin;\n", "DO $$ ",
        "CREATE FUNCTION f() RETURNS int ", " UESCAPE '!' ", ",", ".", "::", "SET standard_conforming_strings = off;", "\\;", "\\r\n", "\uFEFF", "😀",
    ];

    public string Next()
    {
        var sql = Piece();
        for (var i = random.Next(1, 4); i > 0; i--)
            sql = Change(sql);
        // A cut may have left half a character, which no encoding of text can carry.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(sql));
    }

    private string Change(string sql) => random.Next(6) switch
    {
        0 => sql[..random.Next(sql.Length + 1)],
        1 => Cut(sql),
        2 => Doubled(sql),
        3 => Spliced(sql),
        4 => WithRandomBytes(sql),
        _ => sql.Insert(random.Next(sql.Length + 1), Turns[random.Next(Turns.Length)]),
    };

    private string Cut(string sql)
    {
        var (start, length) = Span(sql);
        return sql.Remove(start, length);
    }

    private string Doubled(string sql)
    {
        var (start, length) = Span(sql);
        return sql.Insert(random.Next(sql.Length + 1), sql.Substring(start, length));
    }

    private string Spliced(string sql)
    {
        var other = Piece();
        return sql[..random.Next(sql.Length + 1)] + other[random.Next(other.Length + 1)..];
    }

    private string WithRandomBytes(string sql)
    {
        var bytes = Encoding.UTF8.GetBytes(sql);
        for (var i = random.Next(1, 6); i > 0 && bytes.Length > 0; i--)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return Encoding.UTF8.GetString(bytes);
    }

    private (int Start, int Length) Span(string sql)
    {
        var start = random.Next(sql.Length + 1);
        return (start, random.Next(Math.Min(sql.Length - start, 200) + 1));
    }

    /// <summary>Some lines of a script: whole ones are long, and their later parts would hardly be reached.</summary>
    private string Piece()
    {
        var sql = seeds[random.Next(seeds.Count)];
        if (sql.Length <= 500)
            return sql;
        var start = sql.IndexOf('\n', random.Next(sql.Length)) + 1;
        return sql.Substring(start, Math.Min(sql.Length - start, random.Next(200, Longest)));
    }
}
