using System.Text;
using DbSafety.Databases;
using DbSafety.Databases.Connections;
using DbSafety.Restores.Swaps;

namespace DbSafety.Core.Tests.Restores;

public sealed class KeptInventoryTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 27, 20, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(null)]
    [InlineData("the shop's\nin \\ two lines")]
    [InlineData("")]
    public void A_mark_is_the_last_line_of_a_database_comment_and_preserves_the_text_of_the_user(string? comment)
    {
        var mark = Mark("shöp \"x\"", MarkKind.Before, 5) with { DisabledSubscriptions = ["s"], DisabledIn = 7 };
        var marked = mark.AddTo(comment);

        Assert.All(marked[(comment?.Length ?? 0)..], c => Assert.True(char.IsAscii(c)));
        Assert.Equal(mark with { DisabledSubscriptions = null }, DatabaseMark.Read(marked)! with { DisabledSubscriptions = null });
        Assert.Equal(["s"], DatabaseMark.Read(marked)!.DisabledSubscriptions!);
        Assert.Equal(comment, DatabaseMark.Without(marked));
        Assert.Equal(marked, mark.AddTo(marked));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("dbsafety: {broken")]
    [InlineData("dbsafety: {\"kind\":\"before\"}")]
    [InlineData("dbsafety: {}\nwritten below it")]
    public void An_unreadable_mark_is_ignored(string? comment) => Assert.Null(DatabaseMark.Read(comment));

    [Fact]
    public void Retained_names_fit_in_63_bytes_in_every_encoding_and_stay_distinct_when_shortened()
    {
        foreach (var name in new[] { new string('a', 60) + "b", new string('a', 61), new string('ü', 30), string.Concat(Enumerable.Repeat("😀", 15)) })
        {
            foreach (var kept in RetainedNames.All(name, At))
            {
                Assert.InRange(kept.EnumerateRunes().Sum(r => r.IsAscii ? 1 : 4), 1, 63);
                Assert.DoesNotContain("\uFFFD", Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(kept)), StringComparison.Ordinal);
            }
        }

        Assert.NotEqual(RetainedNames.Of(new string('a', 60) + "b", MarkKind.Before, At), RetainedNames.Of(new string('a', 61), MarkKind.Before, At));
        Assert.Equal("shop_before_20261127T200000Z", RetainedNames.Of("shop", MarkKind.Before, At));
        Assert.Equal(("shop_undone_<time>", true), (RetainedNames.Pattern("shop", MarkKind.Undone), RetainedNames.Of(new string('a', 61), MarkKind.Undone, At).StartsWith(RetainedNames.Pattern(new string('a', 61), MarkKind.Undone)[..^6], StringComparison.Ordinal)));
    }

    [Fact]
    public void A_name_without_a_mark_counts_only_if_it_cannot_belong_to_another_database()
    {
        Assert.Equal(At, RetainedNames.TimeOf("shop_before_20261127T200000Z", "shop", MarkKind.Before));
        Assert.Null(RetainedNames.TimeOf("shop_before_20261327T200000Z", "shop", MarkKind.Before));
        Assert.Null(RetainedNames.TimeOf("shop2_before_20261127T200000Z", "shop", MarkKind.Before));
        // 39 bytes are what an earlier version left of a longer name.
        var cut = new string('a', 39);
        Assert.Null(RetainedNames.TimeOf(cut + "_before_20261127T200000Z", cut, MarkKind.Before));
        Assert.True(RetainedNames.CouldBe(cut + "_before_20261127T200000Z", cut, MarkKind.Before));
        Assert.True(RetainedNames.CouldBe(cut + "_before_20261127T200000Z", cut + "bbb", MarkKind.Before));
    }

    [Fact]
    public void A_mark_counts_only_on_the_database_with_its_oid_and_the_full_name_decides()
    {
        RetainedCandidate[] found =
        [
            Marked(5, Mark("shop", MarkKind.Before, 5)),
            // The user has renamed it, and may use it by that name.
            new("invoices", 11, Mark("shop", MarkKind.Before, 11), -1),
            new("live2", 12, Mark("shop", MarkKind.Restoring, 12), -1),
            new("shop_before_20261127T200001Z", 6, Mark("other", MarkKind.Before, 6), -1),
            // Restored from a dump with its comment: another database's mark.
            new("shop_before_20261127T200002Z", 7, Mark("shop", MarkKind.Before, 5), -1),
            new(RetainedNames.Of("shop", MarkKind.Restoring, At), 8, null, RetainedDatabases.CreationLimit("shop", MarkKind.Restoring)),
            new("shop_live", 13, null, RetainedDatabases.CreationLimit("shop", MarkKind.Restoring)),
            new("something", 9, null, RetainedDatabases.CreationLimit("other", MarkKind.Restoring)),
            new("shop_restoring_20261127T200000Z", 10, null, -1),
        ];

        var inventory = RetainedInventory.Sort("shop", found, live: 4, new HashSet<uint> { 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 });

        Assert.Equal(["invoices", "live2"], inventory.Unclear);
        Assert.Equal([RetainedNames.Of("shop", MarkKind.Before, At.AddSeconds(5))], inventory.Of(MarkKind.Before).Where(k => k.Mark is not null).Select(k => k.Name));
        Assert.Equal(["shop_before_20261127T200002Z"], inventory.Of(MarkKind.Before).Where(k => k.Mark is null).Select(k => k.Name));
        Assert.Equal([RetainedNames.Of("shop", MarkKind.Restoring, At)], inventory.Of(MarkKind.Restoring).Where(k => k.Mark is not null).Select(k => k.Name));
    }

    [Fact]
    public void The_replacement_of_a_retained_database_must_still_have_its_name_or_be_retained()
    {
        RetainedCandidate[] found =
        [
            Marked(1, Mark("shop", MarkKind.Before, 1) with { Other = 2 }),
            Marked(2, Mark("shop", MarkKind.Before, 2) with { Other = 3 }),
            Marked(4, Mark("shop", MarkKind.Before, 4) with { Other = 5 }),
            Marked(6, Mark("shop", MarkKind.Before, 6) with { Other = 99 }),
        ];

        var inventory = RetainedInventory.Sort("shop", found, live: 3, new HashSet<uint> { 1, 2, 3, 4, 5, 6 });

        Assert.Equal([1U, 2U, 6U], inventory.All.Select(k => k.Oid).Order());
        Assert.Equal([1U, 2U], inventory.All.Where(k => k.PrecedesLive).Select(k => k.Oid).Order());
        Assert.Equal([RetainedNames.Of("shop", MarkKind.Before, At.AddSeconds(4))], inventory.Unclear);
    }

    /// <summary>With the name that it was given.</summary>
    private static RetainedCandidate Marked(uint oid, DatabaseMark mark)
    {
        var at = At.AddSeconds(oid);
        return new(RetainedNames.Of(mark.Of, mark.Kind, at), oid, mark with { At = at }, -1);
    }

    private static DatabaseMark Mark(string of, MarkKind kind, uint oid) => new() { Kind = kind, Of = of, Oid = oid, By = MarkedBy.Restore, At = At };
}
