using System.Text.Json;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases;
using DbSafety.Databases.Definitions;
using DbSafety.Databases.Snapshots;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Comparisons;

/// <summary>What to compare.</summary>
public sealed record CompareRequest(ComparisonSide Reference, ComparisonSide Difference)
{
    /// <summary>Hash the rows of databases too. Automatic if the other side has checksums.</summary>
    public bool Checksum { get; init; }
}

/// <summary>Compares databases, backups and fingerprints in any pairing. A difference is a result, not an error.</summary>
public sealed class CompareDatabases : IOperation<CompareRequest, PgDifference>
{
    /// <inheritdoc/>
    public async Task<PgDifference> RunAsync(CompareRequest request, IOperationEvents events, CancellationToken ct)
    {
        // The known side determines whether a database has to be hashed.
        var (reference, difference) = (await KnownAsync(request.Reference, request.Difference, events, ct), await KnownAsync(request.Difference, request.Reference, events, ct));
        var checksum = request.Checksum || reference is { HasChecksums: true } || difference is { HasChecksums: true };
        var version = (reference ?? difference)?.State.SchemaHashVersion ?? SchemaDefinitions.HashVersion;
        var measuring = reference is null ? MeasureAsync(request.Reference, checksum, version, events, ct) : Task.FromResult(reference);
        var measuringToo = difference is null ? MeasureAsync(request.Difference, checksum, version, events, ct) : Task.FromResult(difference);
        await Task.WhenAll(measuring, measuringToo);
        return StateComparison.Compare(await measuring, await measuringToo);
    }

    private static async Task<ComparedState> MeasureAsync(ComparisonSide side, bool checksum, int hashVersion, IOperationEvents events, CancellationToken ct) =>
        ComparedState.Of(await new MeasureDatabase().RunAsync(new DatabaseMeasureRequest(side.Target!) { Checksum = checksum, SchemaHashVersion = hashVersion }, events, ct));

    private static async Task<ComparedState?> KnownAsync(ComparisonSide side, ComparisonSide other, IOperationEvents events, CancellationToken ct) => side switch
    {
        { Fingerprint: { } fingerprint } => ComparedState.Of(fingerprint),
        { Path: { } path } => await OfFileAsync(SetFiles.FullPath(path), other, events, ct),
        _ => null,
    };

    private static async Task<ComparedState> OfFileAsync(string path, ComparisonSide other, IOperationEvents events, CancellationToken ct)
    {
        if (SetFiles.IsForeign(path))
            return await OfDumpAsync(path, DatabaseOf(other), events, ct);
        if (path.EndsWith(".json", StringComparison.Ordinal) && File.Exists(path) && !ManifestFile.LooksLikeOne(path))
            return ComparedState.Of(Fingerprint(path));
        return ComparedState.Of(SetFiles.Find(path));
    }

    /// <summary>The contents of a dump of another tool are known only when it is read. Of several databases, the database with the other side's name is compared.</summary>
    private static async Task<ComparedState> OfDumpAsync(string path, string database, IOperationEvents events, CancellationToken ct)
    {
        var (dump, test) = await TestBackup.ReadSetAsync(new BackupTestRequest(path), events, ct);
        if (dump is null)
            throw ErrorCatalogue.BackupDamaged.For(path, string.Join("; ", test.Problems));
        if (dump.Foreign?.Content is not { } content)
            throw ErrorCatalogue.NothingToCompare.For(path, "its statements do not show how many rows they create");
        var isCounted = content.IsCounted;
        if (content.Plain is { Named.Count: > 1 } plain)
        {
            var section = plain.For(database) ?? throw ErrorCatalogue.DumpOfSeveral.For(path, string.Join(", ", plain.Named.Select(s => s.Database)));
            (dump, isCounted) = (ForeignSet.Section(dump, section), section.Uncounted == 0);
        }

        return isCounted ? ComparedState.Of(dump) : throw ErrorCatalogue.NothingToCompare.For(path, "its statements do not show how many rows they create");
    }

    /// <summary>The name of a side's database, where it is known before it is read; empty: it is not.</summary>
    private static string DatabaseOf(ComparisonSide side) => side switch
    {
        { Target: { } target } => target.Database,
        { Fingerprint: { } fingerprint } => fingerprint.Database,
        { Path: { } path } when SetFiles.FullPath(path) is var file && ManifestFile.LooksLikeOne(file) => SetFiles.Find(file).Database,
        _ => "",
    };

    /// <summary>One object, or the array of one that the command line prints.</summary>
    private static PgFingerprint Fingerprint(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(path));
            var root = document.RootElement;
            var one = root.ValueKind == JsonValueKind.Array && root.GetArrayLength() == 1 ? root[0] : root;
            var fingerprint = one.Deserialize<PgFingerprint>() ?? throw new JsonException("it is empty");
            if (fingerprint.Definitions is { } definitions)
                SchemaDefinitions.Decode(definitions);
            return fingerprint;
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw ErrorCatalogue.NothingToCompare.Because(e, path, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ErrorCatalogue.FileUnreadable.Because(e, path, e.Message);
        }
    }
}
