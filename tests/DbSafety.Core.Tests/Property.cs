using CsCheck;

namespace DbSafety.Core.Tests;

/// <summary>
/// Checks what must hold for every input with random ones. A failure is reduced to a small input, and its message names the seed that
/// repeats it: <c>CsCheck_Seed=… dotnet test</c>. <c>DBSAFETY_LONG=1</c> checks fifty times as many inputs.
/// </summary>
internal static class Property
{
    /// <summary>Text as a UTF-8 database can hold it: no NUL, no half of a surrogate pair; quotes, backslashes, dots and patterns' characters often.</summary>
    public static readonly Gen<string> Text = TextOf(Gen.Frequency(
        (6, Gen.Char["abcxyzABC_0129"].Select(c => c.ToString())),
        (3, Gen.Char["\"'\\.$*?[](){}|^+-;: \t\r\n/"].Select(c => c.ToString())),
        (1, Gen.OneOf("é", "ß", "İ", "€", "名", "😀", "\u0301", "\u00a0", "\ufeff"))));

    /// <summary>A name of a database, a table and the like.</summary>
    public static readonly Gen<string> Name = Text.Where(t => t.Length > 0);

    public static void Holds<T>(this Gen<T> gen, Action<T> property) => gen.Sample(property, iter: Round.Times(300, 15_000));

    public static void Holds<T1, T2>(this Gen<(T1, T2)> gen, Action<T1, T2> property) => gen.Holds(drawn => property(drawn.Item1, drawn.Item2));

    public static void Holds<T1, T2, T3>(this Gen<(T1, T2, T3)> gen, Action<T1, T2, T3> property) => gen.Holds(drawn => property(drawn.Item1, drawn.Item2, drawn.Item3));

    public static void Holds<T1, T2, T3, T4>(this Gen<(T1, T2, T3, T4)> gen, Action<T1, T2, T3, T4> property) => gen.Holds(drawn => property(drawn.Item1, drawn.Item2, drawn.Item3, drawn.Item4));

    private static Gen<string> TextOf(Gen<string> character) => character.Array[0, 70].Select(string.Concat);
}
