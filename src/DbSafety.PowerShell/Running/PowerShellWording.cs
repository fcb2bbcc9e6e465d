using System.Text.RegularExpressions;

namespace DbSafety.PowerShell.Running;

/// <summary>Core's advice uses the command line's verbs and options: this class translates it to cmdlets and parameters.</summary>
internal static partial class PowerShellWording
{
    private static readonly Dictionary<string, string> Cmdlets = new(StringComparer.Ordinal)
    {
        ["backup create"] = "Backup-PgDatabase",
        ["backup remove"] = "Remove-PgBackup",
        ["backup list"] = "Get-PgBackup",
        ["backup test"] = "Test-PgBackup",
        ["database compare"] = "Compare-PgDatabase",
        ["database list"] = "Get-PgDatabase",
        ["database measure"] = "Measure-PgDatabase",
        ["migration list"] = "Get-PgMigration",
        ["migration resolve"] = "Resolve-PgMigration",
        ["migration run"] = "Invoke-SafeMigration",
        ["migration test"] = "Test-PgMigration",
        ["restore run"] = "Restore-PgDatabase",
        ["restore undo"] = "Undo-PgRestore",
        ["volume test"] = "Test-DockerVolume",
    };

    public static string Of(string text)
    {
        // A parameter is specified once, with a list; the command line's option is repeated for each value.
        text = Allows().Replace(text, m => (m.Value[0] == ' ' ? " " : "") + "-Allow " + string.Join(", ", m.Groups["what"].Captures.Select(c => c.Value)));
        text = Verbs().Replace(text, m => Cmdlets.GetValueOrDefault(m.Groups[1].Value, m.Value));
        // Advice that names an option and a parameter keeps the parameter only.
        text = Both().Replace(text, m => m.Groups["parameter"].Value);
        return Command().Replace(text, "-Command")
            .Replace("--database-url ", "-ConnectionString ", StringComparison.Ordinal)
            .Replace("--container \"", "-Container \"", StringComparison.Ordinal)
            .Replace("--database \"", "-Database \"", StringComparison.Ordinal)
            .Replace("--docker-host \"", "-DockerHost \"", StringComparison.Ordinal)
            .Replace("--keep-last", "-KeepLast", StringComparison.Ordinal)
            .Replace("--keep-daily", "-KeepDaily", StringComparison.Ordinal)
            .Replace("--keep-weekly", "-KeepWeekly", StringComparison.Ordinal)
            .Replace("--keep-monthly", "-KeepMonthly", StringComparison.Ordinal)
            .Replace("--older-than", "-OlderThan", StringComparison.Ordinal)
            .Replace("--allow-out-of-order", "-AllowOutOfOrder", StringComparison.Ordinal)
            .Replace("--rolled-back ", "-As RolledBack -Name ", StringComparison.Ordinal)
            .Replace("--applied ", "-As Applied -Name ", StringComparison.Ordinal)
            .Replace("--baseline ", "-As Baseline -Name ", StringComparison.Ordinal)
            .Replace("--source sql", "-Source Sql", StringComparison.Ordinal)
            .Replace("--to ", "-To ", StringComparison.Ordinal)
            .Replace("--destination ", "-Destination ", StringComparison.Ordinal);
    }

    [GeneratedRegex("(?: ?--allow (?<what>'[^']*'))+")]
    private static partial Regex Allows();

    [GeneratedRegex(@"--[a-z-]+(?: [a-z0-9]+)?(?: \((?<parameter>-[A-Z]\w*(?: [A-Z0-9]\w*)?)\)|, (?<parameter>-[A-Z]\w*(?: [A-Z0-9]\w*)?))")]
    private static partial Regex Both();

    [GeneratedRegex(@"(?<![\w-])--command(?![\w-])")]
    private static partial Regex Command();

    [GeneratedRegex(@"\bdbsafety ([a-z]+ [a-z]+)\b")]
    private static partial Regex Verbs();
}
