using DbSafety.Analysis;
using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations;

/// <summary>
/// Says what each statement would do: of the pending migrations, with live numbers, where a database is given; else of every
/// script below the folder. Read only.
/// </summary>
public sealed class AnalyseMigrations : IOperation<MigrationTestRequest, IReadOnlyList<MigrationFinding>>
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<MigrationFinding>> RunAsync(MigrationTestRequest request, IOperationEvents events, CancellationToken ct)
    {
        var findings = request.Target is { } target
            ? await WithDatabaseAsync(request.Path, target, events, ct)
            : MigrationAnalyser.Analyse(ScriptFolder.ReadAll(request.Path));
        return request.All ? findings : [.. findings.Where(f => f.Severity != FindingSeverity.Info)];
    }

    /// <summary>The findings of these scripts with the answers of the database on that connection.</summary>
    internal static Task<IReadOnlyList<MigrationFinding>> JudgeAsync(
        IEnumerable<MigrationFile> files, NpgsqlConnection connection, string schema, IOperationEvents events, CancellationToken ct) =>
        new LiveFacts(connection, schema, events).JudgeAsync(MigrationAnalyser.Analyse(files.Select(f => new SqlScript(f.RelativePath, f.Text)), schema, connection.PostgreSqlVersion.Major), ct);

    private static async Task<IReadOnlyList<MigrationFinding>> WithDatabaseAsync(string path, DatabaseTarget target, IOperationEvents events, CancellationToken ct)
    {
        try
        {
            if (Project(path, target) is { } project)
            {
                await using var connection = await project.ConnectAsync(target, "dbsafety migration test", ct);
                var pending = (await project.StatesAsync(connection, ct)).Where(m => m.IsPending || m.State == MigrationState.OutOfOrder);
                return await JudgeAsync(project.FilesOf(pending), connection, project.Schema, events, ct);
            }

            events.Warning($"{path} has no order and no ledger that is known here: every script is taken for pending");
            await using var plain = await target.OpenAsync(ct, "dbsafety migration test");
            return await new LiveFacts(plain, "public", events).JudgeAsync(MigrationAnalyser.Analyse(ScriptFolder.ReadAll(path), serverMajor: plain.PostgreSqlVersion.Major), ct);
        }
        catch (NpgsqlException e)
        {
            ct.ThrowIfCancellationRequested();
            throw PgSession.Translate(e, target);
        }
    }

    private static MigrationProject? Project(string path, DatabaseTarget target)
    {
        try
        {
            return MigrationProject.Open(path, target);
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.MigrationsUnsupported || e.Definition == ErrorCatalogue.MigrationsNotFound)
        {
            // A folder of another tool can be read all the same; an empty one is refused by the reader.
            return null;
        }
    }
}
