using System.Globalization;
using DbSafety.Backups;
using DbSafety.Databases.Definitions;
using DbSafety.Databases.Tables;

namespace DbSafety.Comparisons;

/// <summary>Compares one state with another. No I/O.</summary>
internal static class StateComparison
{
    /// <summary>How many differences in single large objects are listed in words.</summary>
    private const int MostLargeObjects = 100;

    /// <summary>How many tables whose rows are not compared are named.</summary>
    private const int MostTables = 10;

    public static PgDifference Compare(ComparedState reference, ComparedState difference)
    {
        var tables = Tables(reference, difference).ToList();
        var sequences = reference.HasSequences && difference.HasSequences ? Sequences(reference.State.Sequences, difference.State.Sequences).ToList() : [];
        var largeObjects = reference.HasLargeObjects && difference.HasLargeObjects ? difference.State.LargeObjects - reference.State.LargeObjects : 0;
        var objects = LargeObjectComparison.Compare(reference, difference, out var objectsNotCompared);
        var database = DatabaseComparison.Compare(reference, difference, out var databaseNotCompared);
        bool? differ = CannotCompareDefinitions(reference, difference) is null ? reference.State.SchemaHash != difference.State.SchemaHash : null;
        var details = differ == true ? Definitions(reference, difference) : [];
        // What only one side could read has changed the hash.
        differ = details is null ? differ : differ is null ? null : details.Count > 0;
        return new PgDifference
        {
            Reference = reference.Name,
            Difference = difference.Name,
            Tables = tables,
            Sequences = sequences,
            ReferenceLargeObjects = reference.State.LargeObjects,
            DifferenceLargeObjects = difference.State.LargeObjects,
            LargeObjects = objects,
            DatabaseProperties = database,
            DefinitionsDiffer = differ,
            Definitions = details ?? [],
            ContentCompared = reference.HasChecksums && difference.HasChecksums,
            Changes =
            [
                .. tables.Select(Words), .. sequences.Select(Words),
                .. largeObjects == 0 ? [] : new[] { $"large objects: {Number(Math.Abs(largeObjects))} {(largeObjects < 0 ? "fewer" : "more")}" },
                .. objects.Take(MostLargeObjects).Select(d => d.ToString()),
                .. objects.Count <= MostLargeObjects ? [] : new[] { $"large objects: {Number(objects.Count - MostLargeObjects)} more differences" },
                .. database.Select(d => d.ToString()),
                .. details is null ? ["definitions: different"] : details.Where(d => !IsSaid(d, tables, sequences)).Select(d => d.ToString()),
            ],
            NotCompared = [.. NotCompared(reference, difference).Concat(objectsNotCompared).Concat(databaseNotCompared).Distinct(StringComparer.Ordinal)],
        };
    }

    /// <summary>Null where one side has only a hash.</summary>
    private static IReadOnlyList<DefinitionDifference>? Definitions(ComparedState reference, ComparedState difference) =>
        reference.State.Definitions is { } before && difference.State.Definitions is { } now ? DefinitionComparison.Compare(SchemaDefinitions.Decode(before), SchemaDefinitions.Decode(now)) : null;

    /// <summary>That a table or sequence is missing or new is reported with its rows or value.</summary>
    private static bool IsSaid(DefinitionDifference definition, List<TableDifference> tables, List<SequenceDifference> sequences) =>
        definition.Kind != DifferenceKind.Changed
        && (tables.Exists(t => t.Kind == definition.Kind && $"table {t}" == definition.Object) || sequences.Exists(s => s.Kind == definition.Kind && $"sequence {s}" == definition.Object));

    private static IEnumerable<TableDifference> Tables(ComparedState reference, ComparedState difference)
    {
        var (before, now) = RootCounts.Align(WithRoots(reference, difference), WithRoots(difference, reference));
        var others = now.ToDictionary(t => (t.Schema, t.Name));
        foreach (var table in before)
        {
            if (others.Remove((table.Schema, table.Name), out var other))
            {
                if (Kind(table, other) is { } kind)
                    yield return new TableDifference(table.Schema, table.Name, kind) { ReferenceRows = table.Rows, DifferenceRows = other.Rows, ReferenceChecksum = table.Checksum, DifferenceChecksum = other.Checksum };
            }
            else if (!difference.LeavesOut(table))
            {
                yield return new TableDifference(table.Schema, table.Name, DifferenceKind.Missing) { ReferenceRows = table.Rows, ReferenceChecksum = table.Checksum };
            }
        }

        foreach (var added in now.Where(t => others.ContainsKey((t.Schema, t.Name)) && !reference.LeavesOut(t)))
            yield return new TableDifference(added.Schema, added.Name, DifferenceKind.Added) { DifferenceRows = added.Rows, DifferenceChecksum = added.Checksum };
        foreach (var table in OnlyIn(reference, difference))
            yield return new TableDifference(table.Schema, table.Name, DifferenceKind.Missing);
        foreach (var table in OnlyIn(difference, reference))
            yield return new TableDifference(table.Schema, table.Name, DifferenceKind.Added);
    }

    /// <summary>Each side can supply the partitions of both.</summary>
    private static IReadOnlyList<TableCount> WithRoots(ComparedState side, ComparedState other) => other.Defined is { Roots.Count: > 0 } defined ? [.. side.State.Tables.Select(defined.WithRoot)] : side.State.Tables;

    /// <summary>Tables that a dump defines without their rows, and that the other side does not have.</summary>
    private static IEnumerable<TableName> OnlyIn(ComparedState dump, ComparedState other) =>
        dump.Defined is { } defined ? defined.WithoutRows.Except(other.State.Tables.Select(t => new TableName(t.Schema, t.Name))).Except(other.Defined?.Tables ?? Enumerable.Empty<TableName>()) : [];

    private static DifferenceKind? Kind(TableCount reference, TableCount difference) => difference.Rows.CompareTo(reference.Rows) switch
    {
        < 0 => DifferenceKind.Fewer,
        > 0 => DifferenceKind.More,
        _ when reference.Checksum is not null && difference.Checksum is not null && reference.Checksum != difference.Checksum => DifferenceKind.Changed,
        _ => null,
    };

    private static IEnumerable<SequenceDifference> Sequences(IReadOnlyList<SequenceValue> reference, IReadOnlyList<SequenceValue> difference)
    {
        var others = difference.ToDictionary(s => (s.Schema, s.Name));
        foreach (var sequence in reference)
        {
            var there = others.Remove((sequence.Schema, sequence.Name), out var other);
            if (!there || other != sequence)
                yield return new SequenceDifference(sequence.Schema, sequence.Name, there ? Kind(sequence, other!) : DifferenceKind.Missing) { Reference = sequence, Difference = other };
        }

        foreach (var added in difference.Where(s => others.ContainsKey((s.Schema, s.Name))))
            yield return new SequenceDifference(added.Schema, added.Name, DifferenceKind.Added) { Difference = added };
    }

    /// <summary>An unused sequence returns its value next; a used sequence returned it last.</summary>
    private static DifferenceKind Kind(SequenceValue reference, SequenceValue difference) =>
        (difference.Value, difference.IsCalled).CompareTo((reference.Value, reference.IsCalled)) < 0 ? DifferenceKind.Fewer : DifferenceKind.More;

    private static string Words(TableDifference table) => table.Kind switch
    {
        DifferenceKind.Missing when table.ReferenceRows is null => $"{table}: the table is missing",
        DifferenceKind.Added when table.DifferenceRows is null => $"{table}: the table is new",
        DifferenceKind.Missing => $"{table}: the table is missing, with {Rows(table.ReferenceRows)}",
        DifferenceKind.Added => $"{table}: the table is new, with {Rows(table.DifferenceRows)}",
        DifferenceKind.Fewer => $"{table}: {Rows(-table.RowsGained)} fewer ({Number(table.ReferenceRows)} before, {Number(table.DifferenceRows)} now)",
        DifferenceKind.More => $"{table}: {Rows(table.RowsGained)} more ({Number(table.ReferenceRows)} before, {Number(table.DifferenceRows)} now)",
        _ => $"{table}: the same row count ({Number(table.ReferenceRows)}), but different rows",
    };

    private static string Words(SequenceDifference sequence) => sequence.Kind switch
    {
        DifferenceKind.Missing => $"sequence {sequence}: it is missing; it was at {Place(sequence.Reference!)}",
        DifferenceKind.Added => $"sequence {sequence}: it is new, at {Place(sequence.Difference!)}",
        DifferenceKind.Fewer => $"sequence {sequence}: behind, at {Place(sequence.Difference!)} instead of {Place(sequence.Reference!)}",
        _ => $"sequence {sequence}: ahead, at {Place(sequence.Difference!)} instead of {Place(sequence.Reference!)}",
    };

    private static IEnumerable<string> NotCompared(ComparedState reference, ComparedState difference)
    {
        if (!reference.HasChecksums || !difference.HasChecksums)
            yield return "the contents of rows: only row counts were compared, because one side has no checksums";
        if (CannotCompareDefinitions(reference, difference) is { } why)
            yield return $"definitions: {why}";
        else if (reference.State.SchemaHashVersion == SchemaHash.Version)
            yield return "definitions in detail: version 1 of their hash covers fewer properties than current backups and fingerprints, and lists none";
        else if (Unread(reference).Union(Unread(difference), StringComparer.Ordinal).ToList() is { Count: > 0 } unread)
            yield return $"{string.Join(" and ", unread.Select(k => k + "s"))}: permission denied; only a superuser can read them";
        foreach (var side in new[] { reference, difference }.Where(s => s.Scope is not null))
            yield return $"sequences, and what {side.Name} leaves out: it holds only a part ({side.Scope})";
        foreach (var side in new[] { reference, difference }.Where(s => s.Defined?.WithoutRows.Count > 0))
            yield return $"rows of {Some(side.Defined!.WithoutRows)}: {side.Name} holds none of them";
        foreach (var side in new[] { reference, difference }.Where(s => s.Defined?.HoldsNoValues == true))
            yield return $"values of sequences: {side.Name} holds none";
        foreach (var side in new[] { reference, difference }.Where(s => s.Defined is not null && !s.HasLargeObjects && reference.State.LargeObjects + difference.State.LargeObjects > 0))
            yield return $"large objects: {side.Name} holds none; pg_dump can have left them out";
        foreach (var left in reference.State.NotCounted.Union(difference.State.NotCounted, StringComparer.Ordinal))
            yield return left;
    }

    private static string? CannotCompareDefinitions(ComparedState reference, ComparedState difference)
    {
        if (reference.Scope is not null || difference.Scope is not null)
            return "a part of a database does not have all of them";
        if (reference.State.SchemaHash.Length == 0 || difference.State.SchemaHash.Length == 0)
            return "a dump of another tool contains no hash of them";
        if (reference.State.SchemaHashVersion != difference.State.SchemaHashVersion)
            return $"the hashes of {reference.Name} and {difference.Name} are of versions {reference.State.SchemaHashVersion} and {difference.State.SchemaHashVersion}";
        var (first, second) = (reference.State.ServerMajor, difference.State.ServerMajor);
        return first == second ? null : $"PostgreSQL {second} prints them differently than {first}";
    }

    private static string Some(IReadOnlyCollection<TableName> tables) =>
        string.Join(", ", tables.Take(MostTables)) + (tables.Count > MostTables ? $" and {Number(tables.Count - MostTables)} more tables" : "");

    private static IReadOnlyList<string> Unread(ComparedState side) => side.State.Definitions is { } definitions ? SchemaDefinitions.Decode(definitions).Unread : [];

    private static string Place(SequenceValue sequence) => Number(sequence.Value) + (sequence.IsCalled ? "" : " (not used yet)");

    private static string Rows(long? count) => $"{Number(count)} {(count == 1 ? "row" : "rows")}";

    private static string Number(long? count) => (count ?? 0).ToString("N0", CultureInfo.InvariantCulture);
}
