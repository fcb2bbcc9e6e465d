using System.Runtime.CompilerServices;

namespace DbSafety.Analysis.Reports;

/// <summary>A JSON array as lines of text, so that it can be written while its elements are still being found.</summary>
public static class JsonLines
{
    /// <param name="elements">Each one JSON value, with line breaks or without.</param>
    /// <param name="opening">What stands before the first element's line.</param>
    /// <param name="closing">What follows the last element's line.</param>
    /// <param name="indentation">Blanks before each line of an element.</param>
    public static async IAsyncEnumerable<string> ArrayAsync(
        IAsyncEnumerable<string> elements, string opening = "[", string closing = "]", int indentation = 2, [EnumeratorCancellation] CancellationToken ct = default)
    {
        string? held = null;
        await foreach (var element in elements.WithCancellation(ct))
        {
            // Whether a comma follows is known when the next one comes.
            yield return held is null ? opening : held + ",";
            var blanks = new string(' ', indentation);
            held = blanks + element.ReplaceLineEndings("\n" + blanks);
        }

        if (held is null)
        {
            yield return opening + closing.TrimStart();
            yield break;
        }

        yield return held;
        yield return closing;
    }
}
