using System.Text;
using DbSafety.Tools;

namespace DbSafety.Restores.Filling;

/// <summary>
/// Has psql refuse its own commands while it reads the script of a dump (<c>\restrict</c>, in every minor release since August 2025): whatever a script makes of quotes and comments,
/// no program runs on this machine.
/// </summary>
/// <param name="Key">Null: this psql does not know the command.</param>
internal sealed record PsqlRestriction(string? Key)
{
    public static async Task<PsqlRestriction> ForAsync(PgTool psql, CancellationToken ct)
    {
        var help = await ToolProcess.RunAsync(psql.Command(["--no-psqlrc", "--help=commands"], new Dictionary<string, string?>(StringComparer.Ordinal)), ct);
        return new PsqlRestriction(help.ExitCode == 0 && help.Output.Contains("\\restrict", StringComparison.Ordinal) ? Guid.NewGuid().ToString("N") : null);
    }

    /// <summary>What precedes the script.</summary>
    public byte[] Begin => Key is null ? [] : Encoding.ASCII.GetBytes($"\\restrict {Key}\n");

    /// <summary>What follows it.</summary>
    public byte[] End => Key is null ? [] : Encoding.ASCII.GetBytes($"\\unrestrict {Key}\n");
}
