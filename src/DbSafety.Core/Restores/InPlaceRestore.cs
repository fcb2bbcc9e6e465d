using System.Text;
using DbSafety.Backups;
using DbSafety.Backups.Foreign;
using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Filling;
using DbSafety.Tools;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>
/// For roles that may not make databases: the database is backed up, and then emptied, filled and counted in one transaction. Until that
/// commits, everybody else sees what was there before; when anything fails, it is still there.
/// </summary>
internal static class InPlaceRestore
{
    /// <param name="folder">Where the backup of the state before goes.</param>
    /// <returns>What to know, the backup of before first.</returns>
    /// <exception cref="DbSafetyException"><c>DBS108</c>, <c>DBS318</c>, or what psql said (<c>DBS112</c>).</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(PgBackup backup, RestoreRequest request, string folder, IOperationEvents events, CancellationToken ct)
    {
        if (backup.Manifest.LargeObjects > 0)
            throw ErrorCatalogue.NotInPlace.For(backup.Path, "it holds large objects, whose restore commits on the way");
        if (backup.Manifest.Scope is not null || request.Options.Tables.Count > 0)
            throw ErrorCatalogue.NotInPlace.For(backup.Path, "a part of a database cannot take the place of what is there");
        if (backup.Foreign is { Kind: ForeignKind.Plain })
            throw ErrorCatalogue.NotInPlace.For(backup.Path, "a script that others made may end the transaction in which everything has to happen");
        if (request.Options.RoleMap.Count > 0 || request.Options.SkipExtensions.Count > 0)
            throw ErrorCatalogue.NotInPlace.For(backup.Path, "roles are mapped and extensions left out in a new database only");
        var target = request.Target;
        await using var connection = await target.OpenAsync(ct, "dbsafety restore");
        var drops = await DatabaseClearing.StatementsAsync(connection, target.Database, ct);
        var before = await new BackupDatabase().RunAsync(new BackupRequest(target, folder) { Environment = backup.Environment, Labels = ["pre-restore"] }, events, ct);
        events.Information($"backed up what is there now: {before.Path}");

        var psql = await PgTools.FindAsync("psql", 0, target, ct, preferred: connection.PostgreSqlVersion.Major);
        var command = psql.Command(
            ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--no-password", "--dbname=" + target.ToolConnectionName, "--file=-"],
            FillSettings.ToolEnvironment(target));
        events.Debug(command.ToString());
        (await ToolProcess.RunAsync(
            command,
            (output, token) => output.CopyToAsync(Stream.Null, token),
            async (input, token) =>
            {
                // We begin and we commit: were psql to do it, it would commit half a restore when our end of the pipe breaks.
                await WriteAsync(input, ["BEGIN", "SET LOCAL lock_timeout = '30s'", .. drops], token);
                await WriteDumpAsync(backup, request, input, events, token);
                await WriteAsync(input, [Check(backup.Manifest), "COMMIT"], token);
            },
            ct)).OrThrow();
        await connection.ExecuteAsync("ANALYZE", ct);
        return [$"what was there before is in {before.Path}", .. backup.Manifest.NotProven.Select(n => $"not proven: {n}")];
    }

    /// <summary>The set as a script: a plain one as it is, an archive through pg_restore.</summary>
    private static async Task WriteDumpAsync(PgBackup backup, RestoreRequest request, Stream script, IOperationEvents events, CancellationToken ct)
    {
        if (backup.Manifest.Format == BackupFormat.Plain)
        {
            await ScriptFeed.Of(backup)(script, ct);
            return;
        }

        var directory = backup.Manifest.Format == BackupFormat.Directory;
        var pgRestore = await PgTools.FindAsync("pg_restore", ForeignSet.Major(backup.Manifest.Source.PgDumpVersion), ct);
        var command = new ToolCommand(
            pgRestore.Path,
            ["--file=-", .. request.Options.NoOwner ? ["--no-owner", "--no-privileges"] : Array.Empty<string>(), .. directory ? [backup.Foreign?.Path ?? backup.Payload] : Array.Empty<string>()]);
        events.Debug(command.ToString());
        (await ToolProcess.RunAsync(
            command,
            (output, token) => output.CopyToAsync(script, 256 * 1024, token),
            directory ? null : async (input, token) =>
            {
                await using var dump = PayloadStream.Open(backup);
                await dump.CopyToAsync(input, 256 * 1024, token);
            },
            ct)).OrThrow();
    }

    /// <summary>Counts every table before the transaction commits; one row too many or too few rolls all of it back.</summary>
    private static string Check(BackupManifest manifest)
    {
        var tag = "$check" + Guid.NewGuid().ToString("N")[..8] + "$";
        var body = new StringBuilder($"DO {tag} DECLARE n bigint; BEGIN\n");
        foreach (var table in manifest.Tables)
            body.Append($"SELECT pg_catalog.count(*) INTO n FROM ONLY {SqlName.Quote(table.Schema, table.Name)}; IF n <> {table.Rows} THEN RAISE EXCEPTION '% has % rows instead of {table.Rows}', {SqlName.Literal(table.ToString())}, n; END IF;\n");
        return body.Append($"END {tag}").ToString();
    }

    private static async Task WriteAsync(Stream script, IEnumerable<string> statements, CancellationToken ct) =>
        await script.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(statements.Select(s => s + ";\n"))), ct);
}
