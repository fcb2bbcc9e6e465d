using DbSafety.Comparisons;
using DbSafety.Databases.Definitions;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;

namespace DbSafety.Core.Tests.Comparisons;

public sealed class StateComparisonTests
{
    [Fact]
    public void Equal_states_have_no_changes()
    {
        var difference = Compare(State(), State());
        Assert.True(difference.Same);
        Assert.False(difference.DefinitionsDiffer);
    }

    [Fact]
    public void Every_difference_is_described_in_plain_words()
    {
        var reference = State([Table("gone", 1), Table("orders", 1500, "a"), Table("products", 10, "a"), Table("visits", 5)], [Sequence("gone_id", 1), Sequence("orders_id", 1500), Sequence("same_id", 1)], 3);
        var now = State([Table("orders", 1000, "b"), Table("products", 10, "b"), Table("visits", 6), Table("new", 2)], [Sequence("orders_id", 1000), Sequence("same_id", 1, false), Sequence("new_id", 2)], 1) with { SchemaHash = "other" };

        var difference = Compare(reference, now);

        Assert.Equal(
            [
                "public.gone: the table is missing, with 1 row", "public.orders: 500 rows fewer (1,500 before, 1,000 now)", "public.products: the same row count (10), but different rows",
                "public.visits: 1 row more (5 before, 6 now)", "public.new: the table is new, with 2 rows", "sequence public.gone_id: it is missing; it was at 1",
                "sequence public.orders_id: behind, at 1,000 instead of 1,500", "sequence public.same_id: behind, at 1 (not used yet) instead of 1", "sequence public.new_id: it is new, at 2",
                "large objects: 2 fewer", "definitions: different",
            ],
            difference.Changes);
        Assert.Equal((501, 3), (difference.RowsLost, difference.RowsGained));
        Assert.Equal([DifferenceKind.Missing, DifferenceKind.Fewer, DifferenceKind.Changed, DifferenceKind.More, DifferenceKind.Added], difference.Tables.Select(t => t.Kind));
    }

    [Fact]
    public void Definitions_of_different_major_versions_are_reported_as_not_compared()
    {
        var difference = Compare(State(), State() with { ServerMajor = 18, SchemaHash = "printed otherwise" });
        Assert.True(difference.Same);
        Assert.Null(difference.DefinitionsDiffer);
        Assert.Contains(difference.NotCompared, n => n.StartsWith("definitions: PostgreSQL 18", StringComparison.Ordinal));
    }

    [Fact]
    public void A_partial_backup_is_compared_only_within_its_scope_in_either_direction()
    {
        var whole = State([Table("orders", 5), Table("visits", 6)], [Sequence("s", 1)], 2);
        var part = new ComparedState("the part", State([Table("orders", 5)], [], 0), new BackupScope { Tables = ["orders"], LeftOut = ["public.visits"] });
        foreach (var difference in new[] { StateComparison.Compare(ComparedState.Of(whole), part), StateComparison.Compare(part, ComparedState.Of(whole)) })
        {
            Assert.Empty(difference.Changes);
            Assert.Contains(difference.NotCompared, n => n.Contains("only a part (tables orders)", StringComparison.Ordinal));
        }
    }

    /// <summary>Fingerprints of before they were read.</summary>
    [Fact]
    public void Properties_of_the_database_and_large_objects_absent_from_an_older_fingerprint_are_not_compared()
    {
        var comment = new SchemaObject("database", null);
        comment.Set("comment", "of the shop");
        var photo = new SchemaObject("large object 7", null);
        photo.Set("owner", "ann");
        var today = State(largeObjects: 1) with { DatabaseDefinition = new SchemaDefinitions([comment], []).Encode(), LargeObjectDefinitions = new SchemaDefinitions([photo], []).Encode() };

        var difference = Compare(State(largeObjects: 1), today);

        Assert.True(difference.Same, string.Join('\n', difference.Changes));
        Assert.Contains(difference.NotCompared, n => n.StartsWith("the database's own properties ", StringComparison.Ordinal));
        Assert.Contains(difference.NotCompared, n => n.StartsWith("large objects one by one ", StringComparison.Ordinal));
        Assert.Equal(["database: comment changed from of the shop to none"], Compare(today, today with { DatabaseDefinition = new SchemaDefinitions([new SchemaObject("database", null)], []).Encode() }).Changes);
    }

    [Theory]
    [InlineData("SELECT 2,\n    'end'::text AS text", "SELECT 2,\n    'end'::text")]
    [InlineData("SELECT 'a'::character varying(3) AS \"varchar\", 'b'::character varying(3) AS varchar", "SELECT 'a'::character varying(3) AS \"varchar\", 'b'::character varying(3)")]
    [InlineData("SELECT ' ::text AS text', x::text AS name, y::int4[] AS int4", "SELECT ' ::text AS text', x::text AS name, y::int4[]")]
    [InlineData("SELECT 'a'::app.mood AS mood, now()::timestamp(3) with time zone AS timestamptz", "SELECT 'a'::app.mood, now()::timestamp(3) with time zone")]
    public void A_column_alias_that_a_cast_generates_is_omitted_from_compared_expressions(string printed, string compared) => Assert.Equal(compared, ExpressionText.Canonical(printed));

    private static PgDifference Compare(PgFingerprint reference, PgFingerprint difference) => StateComparison.Compare(ComparedState.Of(reference), ComparedState.Of(difference));

    private static TableCount Table(string name, long rows, string? checksum = null) => new("public", name, rows) { Checksum = checksum };

    private static SequenceValue Sequence(string name, long value, bool isCalled = true) => new("public", name, value, isCalled);

    private static PgFingerprint State(IReadOnlyList<TableCount>? tables = null, IReadOnlyList<SequenceValue>? sequences = null, long largeObjects = 0) => new()
    {
        Server = "db:5432",
        Database = "shop",
        ServerMajor = 15,
        TakenAt = DateTimeOffset.UnixEpoch,
        Tables = tables ?? [Table("orders", 5)],
        Sequences = sequences ?? [],
        LargeObjects = largeObjects,
        SchemaHash = "same",
    };
}
