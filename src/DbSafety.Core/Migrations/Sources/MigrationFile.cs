using System.Security.Cryptography;
using System.Text;
using DbSafety.Analysis.Scripts;
using DbSafety.Errors;
using DbSafety.Migrations.Sources.Reading;

namespace DbSafety.Migrations.Sources;

/// <summary>A migration's script on disk.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="RelativePath">As findings name it: relative to the migrations folder, with slashes.</param>
internal sealed record MigrationFile(string Name, string Path, string RelativePath)
{
    /// <summary>Null: there is no script.</summary>
    public byte[]? Bytes { get; init; }

    /// <summary>The checksum of the entire file, if it contains several migrations; null: it contains only this migration.</summary>
    public string? WholeFile { get; init; }

    /// <summary>The change set of Liquibase that it is; null: it is none.</summary>
    public LiquibaseChangeSet? ChangeSet { get; init; }

    /// <summary>Without a place in the order, or skipped by its tool: listed, not run.</summary>
    public bool IsUnlisted { get => field || NotRun is not null; init; }

    /// <summary>Why its tool does not run it; null: no reason is known.</summary>
    public string? NotRun { get; init; }

    /// <summary>It does not belong to the tool, whose history does not contain it.</summary>
    public bool IsLeftOut { get; init; }

    /// <summary>Why it must not run before a user has checked it; null: there is no reason.</summary>
    public string? Doubt { get; init; }

    /// <summary>Why its place in the order is not certain; null: it is certain.</summary>
    public string? OrderDoubt { get; init; }

    /// <summary>An earlier run stopped in it, and it continues there.</summary>
    public bool IsBegun { get; init; }

    /// <summary>Cut at Drizzle's breakpoints, and hashed as drizzle-orm reads it.</summary>
    public bool IsDrizzle { get; init; }

    /// <summary>Its tool's marks before a part that undoes it, which is not read; null: the tool has none.</summary>
    public ScriptMarks? Marks { get; init; }

    /// <summary>Its tool applies it again whenever it has changed.</summary>
    public bool IsRepeatable { get; init; }

    /// <summary>Its version, where its tool reads it in another way than by the digits at the beginning of the name.</summary>
    public string? Version { get; init; }

    /// <summary>It replaces all versions up to its own on a database without a history, and is not run on any other database.</summary>
    public bool IsBaseline { get; init; }

    /// <summary>What its tool does to the text before it runs it.</summary>
    public Func<string, string>? Rewrite { get; init; }

    /// <summary>The value by which its tool identifies the applied file; null: it records nothing that can be compared.</summary>
    public string? ToolHash { get; init; }

    /// <summary>Its operations that are not SQL.</summary>
    public IReadOnlyList<string> NotAnalysed { get; init; } = [];

    /// <summary>The time, in milliseconds, that identifies it in Drizzle's migration history: the journal's <c>when</c>.</summary>
    public long RecordedAs { get; init; }

    /// <summary>The script without the byte order mark, which causes a syntax error on the server.</summary>
    /// <exception cref="DbSafetyException"><c>DBS479</c> it is not UTF-8.</exception>
    public string Text => IsDrizzle ? DrizzleScript.Statements(Encoding.UTF8.GetString(Bytes ?? []).TrimStart('\uFEFF'))
        : ScriptReader.Decode(Bytes ?? [], Path) is var text && Marks is not null ? Marks.UpPart(text) : Rewrite?.Invoke(text) ?? text;

    /// <summary>For analysis.</summary>
    public SqlScript Script => new(RelativePath, Text) { NotAnalysed = NotAnalysed, IsBegun = IsBegun };

    /// <summary>Where in <see cref="Text"/> Drizzle's breakpoints stand.</summary>
    public IReadOnlyList<int> Breakpoints => DrizzleScript.Breakpoints(Encoding.UTF8.GetString(Bytes ?? []).TrimStart('\uFEFF'));

    /// <summary>Of the bytes; Drizzle's is of the text they are read as, in UTF-8 again.</summary>
    public string? Checksum => Bytes is null ? null : Hash(IsDrizzle ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Bytes)) : Bytes);

    /// <summary>
    /// Whether it is the file that was recorded, line endings aside, as Prisma sees it
    /// (prisma-engines, schema-connector/src/checksum.rs: as it is, with LF, with CRLF).
    /// </summary>
    public bool Matches(string recorded)
    {
        if (Bytes is null)
            return false;
        if (Same(Checksum!, recorded))
            return true;
        var text = Encoding.UTF8.GetString(Bytes);
        return Same(Hash(Encoding.UTF8.GetBytes(text.Replace("\r\n", "\n", StringComparison.Ordinal))), recorded)
            || Same(Hash(Encoding.UTF8.GetBytes(text.Replace("\n", "\r\n", StringComparison.Ordinal))), recorded);
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Old releases of Prisma wrote each byte without its leading zero.</summary>
    private static bool Same(string hash, string recorded) => hash == recorded
        || (recorded.Length is > 0 and < 64 && recorded == string.Concat(hash.Chunk(2).Select(pair => pair[0] == '0' ? pair[1..] : pair).Select(pair => new string(pair))));
}
