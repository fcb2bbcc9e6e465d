using CsCheck;
using DbSafety.Comparisons;
using DbSafety.Databases.Definitions;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;

namespace DbSafety.Core.Tests.Comparisons;

public sealed class ComparisonPropertyTests
{
    private static readonly string[] Names = ["a", "b", "c", "d", "Order"];

    private static readonly Gen<string> Checksum = Gen.OneOf("00000000000000000000000000000001", "00000000000000000000000000000002", "ffffffffffffffffffffffffffffffff");

    private static readonly Gen<TableCount[]> Tables = Gen.Select(Gen.OneOf(Names), Gen.Long[0, 3], Checksum, (name, rows, checksum) => new TableCount("public", name, rows) { Checksum = checksum })
        .Array[0, 6].Select(tables => tables.DistinctBy(t => t.Name).ToArray());

    private static readonly Gen<SequenceValue[]> Sequences = Gen.Select(Gen.OneOf(Names), Gen.Long[-1, 2], Gen.Bool, (name, value, isCalled) => new SequenceValue("public", name, value, isCalled))
        .Array[0, 4].Select(sequences => sequences.DistinctBy(s => s.Name).ToArray());

    private static readonly Gen<(string, string)> PropertyOf = Gen.Select(Gen.OneOf("owner", "type", "default", "comment", "privileges of PUBLIC", "state", "populated"), Gen.OneOf("yes", "no", "none", "ENABLE", "a\nb", "text"));

    private static readonly Gen<(string, string)[]> Properties = PropertyOf.Array[0, 3];

    /// <summary>Tables with columns and indexes, and what stands by itself.</summary>
    private static readonly Gen<SchemaObject[]> Definitions = Gen.Select(Gen.OneOf(Names[..3]), Properties, Gen.Select(Gen.OneOf("x", "y", "z"), Gen.Int[1, 9], Properties).Array[0, 3], Gen.OneOf("", "index public.i", "function public.f()", "schema public"), Properties)
        .Array[0, 3].Select(drawn => drawn.SelectMany(d => Table(d.Item1, d.Item2, d.Item3).Append(Object(d.Item4, null, d.Item5))).Where(o => o.Name.Length > 0).DistinctBy(o => o.Name).OrderBy(o => o.Name, StringComparer.Ordinal).ToArray());

    private static readonly Gen<PgFingerprint> States = Gen.Select(Tables, Sequences, Gen.Int[0, 2], Definitions, Properties, Properties).Select((tables, sequences, largeObjects, definitions, ofDatabase, ofLargeObject) => new PgFingerprint
    {
        Server = "db:5432",
        Database = "shop",
        ServerMajor = 15,
        TakenAt = DateTimeOffset.UnixEpoch,
        Tables = tables,
        Sequences = sequences,
        LargeObjects = largeObjects,
        SchemaHash = new SchemaDefinitions(definitions, []).Hash(),
        SchemaHashVersion = SchemaDefinitions.HashVersion,
        Definitions = new SchemaDefinitions(definitions, []).Encode(),
        DatabaseDefinition = new SchemaDefinitions([Object("database", null, ofDatabase)], []).Encode(),
        LargeObjectDefinitions = new SchemaDefinitions([.. Enumerable.Range(0, largeObjects).Select(i => Object($"large object {i}", null, [.. ofLargeObject, (LargeObjectReader.Contents, TextHash.Of($"{i}"))]))], []).Encode(),
    });

    [Fact]
    public void Comparing_a_state_with_itself_yields_no_differences_in_any_order() => States.Holds(state =>
    {
        Assert.Empty(Compare(state, state).Changes);
        var difference = Compare(state, state with { Tables = [.. state.Tables.Reverse()], Sequences = [.. state.Sequences.Reverse()] });
        Assert.Empty(difference.Changes);
        Assert.Empty(difference.Tables.Cast<object>().Concat(difference.Sequences).Concat(difference.Definitions).Concat(difference.LargeObjects).Concat(difference.DatabaseProperties));
    });

    [Fact]
    public void Swapping_reference_and_difference_mirrors_the_differences() => Gen.Select(States, States).Holds((one, other) =>
    {
        var (there, back) = (Compare(one, other), Compare(other, one));
        Assert.Equal(Sorted(there.Tables), Sorted(back.Tables.Select(Mirrored)));
        Assert.Equal(Sorted(there.Sequences), Sorted(back.Sequences.Select(Mirrored)));
        Assert.Equal(Sorted(there.Definitions), Sorted(back.Definitions.Select(Mirrored)));
        Assert.Equal(Sorted(there.LargeObjects), Sorted(back.LargeObjects.Select(Mirrored)));
        Assert.Equal(Sorted(there.DatabaseProperties), Sorted(back.DatabaseProperties.Select(Mirrored)));
        Assert.Equal((there.Same, there.DefinitionsDiffer, there.RowsLost, there.RowsGained, there.Changes.Count), (back.Same, back.DefinitionsDiffer, back.RowsGained, back.RowsLost, back.Changes.Count));
        Assert.Equal(there.NotCompared.Order(StringComparer.Ordinal), back.NotCompared.Order(StringComparer.Ordinal));
    });

    [Fact]
    public void Different_rows_and_sequence_values_are_reported_regardless_of_other_differences() => Gen.Select(States, States).Holds((one, other) =>
    {
        var difference = Compare(one, other);
        var differ = one.Tables.Select(t => t.Name).Union(other.Tables.Select(t => t.Name))
            .Where(name => one.Tables.SingleOrDefault(t => t.Name == name) != other.Tables.SingleOrDefault(t => t.Name == name));
        Assert.Equal(differ.Order(StringComparer.Ordinal), difference.Tables.Select(t => t.Name).Order(StringComparer.Ordinal));
        var sequences = one.Sequences.Except(other.Sequences).Concat(other.Sequences.Except(one.Sequences)).Select(s => s.Name).Distinct();
        Assert.Equal(sequences.Order(StringComparer.Ordinal), difference.Sequences.Select(s => s.Name).Order(StringComparer.Ordinal));
        Assert.Equal(other.Rows - one.Rows, difference.RowsGained - difference.RowsLost);
    });

    [Fact]
    public void A_single_definition_change_is_reported_with_its_object() => Gen.Select(States, Gen.Int[0, 99], Gen.Int[0, 3], PropertyOf).Holds((state, place, kind, property) =>
    {
        var objects = SchemaDefinitions.Decode(state.Definitions!).Objects.ToList();
        if (objects.Count == 0)
            return;
        var one = objects[place % objects.Count];
        var removed = objects.Where(o => o.Name != one.Name && o.Parent != one.Name).ToList();
        var changed = kind switch
        {
            0 => removed,
            // A property that is gone, or is another one.
            1 when one.Properties.Keys.FirstOrDefault(p => p != SchemaObject.Position) is { } gone => [.. objects.Where(o => o.Name != one.Name), Object(one.Name, one.Parent, [.. one.Properties.Where(p => p.Key != gone).Select(p => (p.Key, p.Value))])],
            _ => objects.Where(o => o.Name != one.Name).Append(Object(one.Name, one.Parent, [.. one.Properties.Select(p => (p.Key, p.Value)), (property.Item1, property.Item2 + "!")])).ToList(),
        };
        // Schema public is in every database: one without properties is as good as one that is not listed.
        if (kind == 0 && one is { Name: "schema public", Properties.Count: 0 })
            return;
        var now = new SchemaDefinitions([.. changed.OrderBy(o => o.Name, StringComparer.Ordinal)], []);
        foreach (var difference in new[] { Compare(state, state with { Definitions = now.Encode(), SchemaHash = now.Hash() }), Compare(state with { Definitions = now.Encode(), SchemaHash = now.Hash() }, state) })
        {
            Assert.False(difference.Same);
            Assert.True(difference.DefinitionsDiffer);
            Assert.Contains(difference.Definitions, d => d.Object == one.Name);
            Assert.All(difference.Definitions, d => Assert.True(d.Object == one.Name || d.Object == one.Parent));
        }
    });

    private static PgDifference Compare(PgFingerprint reference, PgFingerprint difference) => StateComparison.Compare(ComparedState.Of(reference), ComparedState.Of(difference));

    private static IEnumerable<string> Sorted<T>(IEnumerable<T> differences) => differences.Select(d => Record(d!)).Order(StringComparer.Ordinal);

    private static string Record(object difference) => difference switch
    {
        TableDifference t => $"{t.Name} {t.Kind} {t.ReferenceRows} {t.ReferenceChecksum} {t.DifferenceRows} {t.DifferenceChecksum}",
        SequenceDifference s => $"{s.Name} {s.Kind} {s.Reference} {s.Difference}",
        DefinitionDifference d => $"{d.Object} {d.Kind} {d.Property} {d.Reference} {d.Difference}",
        _ => throw new InvalidOperationException(),
    };

    private static TableDifference Mirrored(TableDifference d) =>
        new(d.Schema, d.Name, Mirrored(d.Kind)) { ReferenceRows = d.DifferenceRows, DifferenceRows = d.ReferenceRows, ReferenceChecksum = d.DifferenceChecksum, DifferenceChecksum = d.ReferenceChecksum };

    private static SequenceDifference Mirrored(SequenceDifference d) => new(d.Schema, d.Name, Mirrored(d.Kind)) { Reference = d.Difference, Difference = d.Reference };

    private static DefinitionDifference Mirrored(DefinitionDifference d) => d with { Kind = Mirrored(d.Kind), Reference = d.Difference, Difference = d.Reference };

    private static DifferenceKind Mirrored(DifferenceKind kind) => kind switch
    {
        DifferenceKind.Missing => DifferenceKind.Added,
        DifferenceKind.Added => DifferenceKind.Missing,
        DifferenceKind.Fewer => DifferenceKind.More,
        DifferenceKind.More => DifferenceKind.Fewer,
        _ => kind,
    };

    private static IEnumerable<SchemaObject> Table(string name, (string, string)[] properties, (string, int, (string, string)[])[] columns) =>
        columns.Select(c => Object($"column public.{name}.{c.Item1}", $"table public.{name}", [.. c.Item3, (SchemaObject.Position, c.Item2.ToString(System.Globalization.CultureInfo.InvariantCulture))]))
            .Append(Object($"table public.{name}", null, [.. properties, ("owner", "ann")]));

    private static SchemaObject Object(string name, string? parent, (string, string)[] properties)
    {
        var made = new SchemaObject(name, parent);
        foreach (var (property, value) in properties)
            made.Set(property, value);
        return made;
    }
}
