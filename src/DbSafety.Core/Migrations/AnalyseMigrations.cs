using DbSafety.Analysis;
using DbSafety.Analysis.Rules;
using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations;

/// <summary>
/// Says what each statement would do: of the pending migrations, with live numbers, where a database is given; else of every
/// script below the folder. Comments in the scripts can let findings pass. Read only.
/// </summary>
public sealed class AnalyseMigrations : IOperation<MigrationTestRequest, IReadOnlyList<MigrationFinding>>
{
    /// <inheritdoc/>
    /// <exception cref="DbSafetyException"><c>DBS520</c> where a rule is named that there is none of.</exception>
    public async Task<IReadOnlyList<MigrationFinding>> RunAsync(MigrationTestRequest request, IOperationEvents events, CancellationToken ct)
    {
        RuleCatalogue.Check(request.Rules.Concat(request.ExcludedRules));
        var (scripts, findings) = request.Target is { } target
            ? await WithDatabaseAsync(request, target, events, ct)
            : WithoutDatabase(request);
        return [.. Suppressions.Apply(findings, scripts, events).Where(f => IsAskedFor(f, request))];
    }

    /// <summary>The findings of these scripts with the answers of the database on that connection, where we are the ones to run them.</summary>
    internal static async Task<IReadOnlyList<MigrationFinding>> JudgeAsync(
        IEnumerable<MigrationFile> files, NpgsqlConnection connection, string schema, IOperationEvents events, CancellationToken ct)
    {
        var findings = await JudgeAsync([.. files.Select(f => new SqlScript(f.RelativePath, f.Text))], connection, schema, events, ct);
        return [.. findings.Select(f => f.Rule == MissingLockTimeout.RuleId ? f with { Severity = FindingSeverity.Info, Message = $"{f.Message}: this run sets a limit itself" } : f)];
    }

    private static Task<IReadOnlyList<MigrationFinding>> JudgeAsync(
        IReadOnlyList<SqlScript> scripts, NpgsqlConnection connection, string schema, IOperationEvents events, CancellationToken ct) =>
        new LiveFacts(connection, schema, events).JudgeAsync(MigrationAnalyser.Analyse(scripts, schema, connection.PostgreSqlVersion.Major), ct);

    private static bool IsAskedFor(MigrationFinding finding, MigrationTestRequest request)
    {
        if (request.ExcludedRules.Contains(finding.Rule) || (request.Rules.Count > 0 && !request.Rules.Contains(finding.Rule)))
            return false;
        if (request.Severities.Count > 0)
            return request.Severities.Contains(finding.Severity);
        return request.All || finding.Severity != FindingSeverity.Info || MigrationAnalyser.Rules.Any(r => r.Id == finding.Rule && r.Severity == FindingSeverity.Info && request.Rules.Count > 0);
    }

    private static IReadOnlyList<SqlScript> Scripts(MigrationTestRequest request) =>
        request.Script is { } script ? [new SqlScript(request.Path, DrizzleScript.Statements(script))] : ScriptFolder.ReadAll(request.Path);

    private static (IReadOnlyList<SqlScript> Scripts, IReadOnlyList<MigrationFinding> Findings) WithoutDatabase(MigrationTestRequest request)
    {
        var scripts = Scripts(request);
        var asksForInformation = request.All || request.Rules.Count > 0 || request.Severities.Contains(FindingSeverity.Info);
        return (scripts, MigrationAnalyser.Analyse(scripts, withInformation: asksForInformation));
    }

    private static async Task<(IReadOnlyList<SqlScript> Scripts, IReadOnlyList<MigrationFinding> Findings)> WithDatabaseAsync(
        MigrationTestRequest request, DatabaseTarget target, IOperationEvents events, CancellationToken ct)
    {
        try
        {
            if (request.Script is null && Project(request.Path, target) is { } project)
            {
                await using var connection = await project.ConnectAsync(target, "dbsafety migration test", ct);
                var pending = (await project.StatesAsync(connection, ct)).Where(m => m.IsPending || m.State == MigrationState.OutOfOrder);
                IReadOnlyList<SqlScript> scripts = [.. project.FilesOf(pending).Select(f => new SqlScript(f.RelativePath, f.Text))];
                return (scripts, await JudgeAsync(scripts, connection, project.Schema, events, ct));
            }

            if (request.Script is null)
                events.Warning($"{request.Path} has no order and no ledger that is known here: every script is taken for pending");
            var all = Scripts(request);
            await using var plain = await target.OpenAsync(ct, "dbsafety migration test");
            return (all, await JudgeAsync(all, plain, "public", events, ct));
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
