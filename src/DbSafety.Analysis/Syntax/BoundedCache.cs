using System.Diagnostics.CodeAnalysis;

namespace DbSafety.Analysis.Syntax;

/// <summary>
/// What statements have done, by the name of the thing. It forgets what it may once there is very much of it, so that memory does not grow with
/// the script. Only what makes findings louder may be forgotten, such as that the same set created a table, and what would report a loss a second time.
/// </summary>
internal sealed class BoundedCache<TKey, TValue>
    where TKey : notnull
{
    /// <summary>Of real migrations even the largest sets name a few thousand things.</summary>
    public const int Most = 50_000;

    private readonly Dictionary<TKey, TValue> entries = [];
    private readonly Func<TValue, bool> mayForget;
    private int limit = Most;

    public BoundedCache(Func<TValue, bool>? mayForget = null) => this.mayForget = mayForget ?? (_ => true);

    public TValue this[TKey key]
    {
        set
        {
            entries[key] = value;
            if (entries.Count > limit)
                Forget(key);
        }
    }

    public int Count => entries.Count;

    public bool ContainsKey(TKey key) => entries.ContainsKey(key);

    public TValue? GetValueOrDefault(TKey key) => entries.GetValueOrDefault(key);

    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value) => entries.TryGetValue(key, out value);

    public bool Remove(TKey key) => entries.Remove(key);

    public bool Remove(TKey key, [MaybeNullWhen(false)] out TValue value) => entries.Remove(key, out value);

    public void RemoveAll(Func<TKey, bool> which)
    {
        foreach (var key in entries.Keys.Where(which).ToList())
            entries.Remove(key);
    }

    private void Forget(TKey newest)
    {
        foreach (var (key, value) in entries)
        {
            // Removing while counting through is allowed here.
            if (!entries.Comparer.Equals(key, newest) && mayForget(value))
                entries.Remove(key);
        }

        limit = Math.Max(Most, 2 * entries.Count);
    }
}
