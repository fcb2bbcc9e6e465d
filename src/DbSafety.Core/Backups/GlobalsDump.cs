using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Tools;

namespace DbSafety.Backups;

/// <summary>Roles and tablespaces, which a dump of one database does not contain, in a file next to it.</summary>
internal static class GlobalsDump
{
    public const string Ending = ".globals.sql";

    /// <summary>Whether the globals of a set contain password hashes, as <c>ALTER ROLE … PASSWORD '…'</c>.</summary>
    public static bool HasPasswords(PgBackup set)
    {
        try
        {
            return set.Manifest.Files.FirstOrDefault(f => f.Path.EndsWith(Ending, StringComparison.Ordinal)) is { } globals
                && File.ReadLines(Path.Combine(set.Folder, globals.Path)).Any(l => l.Contains(" PASSWORD '", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Null, with a warning, if the role cannot read them: the backup of the data is complete without them.</summary>
    public static async Task<BackupFile?> WriteAsync(BackupRequest request, string encoding, int serverMajor, SetDraft draft, IOperationEvents events, CancellationToken ct)
    {
        var tool = await TargetTools.FindAsync("pg_dumpall", serverMajor, request.Target, ct);
        List<string> arguments =
        [
            "--globals-only", "--no-password", "--encoding=" + encoding,
            // A bare name with a = in it would be read as a connection string, which can lead to another server.
            "--database=" + request.Target.ToolConnectionName,
        ];
        if (!request.IncludePasswords)
            arguments.Add("--no-role-passwords");
        var command = tool.Command(arguments, request.Target.ToolEnvironment());
        using var file = new HashingStream(draft.Create(Ending));
        var result = await ToolProcess.RunAsync(command, (stream, token) => stream.CopyToAsync(file, token), null, ct);
        try
        {
            result.OrThrow();
        }
        catch (DbSafetyException e)
        {
            events.Warning($"roles and tablespaces could not be dumped: {e.Message}");
            draft.Forget(Ending);
            return null;
        }

        file.Complete();
        return new BackupFile(draft.Name + Ending, file.Bytes, file.Sha256);
    }
}
