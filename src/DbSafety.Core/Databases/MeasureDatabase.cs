using DbSafety.Databases.Snapshots;
using DbSafety.Operations;

namespace DbSafety.Databases;

/// <summary>Creates the fingerprint of a database.</summary>
public sealed class MeasureDatabase : IOperation<DatabaseMeasureRequest, PgFingerprint>
{
    public async Task<PgFingerprint> RunAsync(DatabaseMeasureRequest request, IOperationEvents events, CancellationToken ct)
    {
        events.Verbose($"{(request.Checksum ? "Counting and hashing" : "Counting")} every table of {request.Target.Database} on {request.Target.Server}");
        return await FingerprintReader.ReadAsync(request.Target, request.Checksum, request.SchemaHashVersion, ct);
    }
}
