using System.ComponentModel;
using System.Diagnostics;
using DbSafety.Errors;

namespace DbSafety.Docker.Engine.Transport;

/// <summary>
/// The stream of an engine on another machine, connected as the docker command does: ssh runs <c>docker system dial-stdio</c> there
/// (https://docs.docker.com/engine/security/protect-access/#use-ssh-to-protect-the-docker-daemon-socket).
/// </summary>
internal static class SshConnection
{
    private static readonly TimeSpan LastWordsWaitLimit = TimeSpan.FromSeconds(2);

    /// <exception cref="DbSafetyException"><c>DBS501</c> ssh is not installed.</exception>
    public static Stream Open(EngineAddress address)
    {
        var info = new ProcessStartInfo("ssh") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, CreateNoWindow = true };
        foreach (var argument in address.SshArguments())
            info.ArgumentList.Add(argument);
        try
        {
            return new ProcessStream(Process.Start(info)!);
        }
        catch (Win32Exception e)
        {
            throw ErrorCatalogue.EngineUnreachable.Because(e, address.Text, "ssh was not found on this machine's PATH");
        }
    }

    /// <summary>The error output of ssh before the stream ended: the host is unknown, the key was rejected, docker is not installed there.</summary>
    public static string? LastWords(Task<string> error) =>
        error.Wait(LastWordsWaitLimit) && error.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() is { } line ? line : null;
}
