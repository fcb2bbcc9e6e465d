using DbSafety.Errors;

namespace DbSafety.PowerShell.Running;

/// <summary>Advice as cmdlets and parameters, to be copied to a PowerShell prompt.</summary>
internal sealed class CmdletAdvice : IAdviceDialect
{
    /// <summary>What PowerShell expands, or reads as the end, between double quotes.</summary>
    private static readonly System.Buffers.SearchValues<char> Expanded = System.Buffers.SearchValues.Create("\"$`“”„");

    private static readonly Dictionary<string, string> Cmdlets = new(StringComparer.Ordinal)
    {
        ["backup create"] = "Backup-PgDatabase",
        ["backup remove"] = "Remove-PgBackup",
        ["backup last"] = "Get-PgLastBackup",
        ["backup list"] = "Get-PgBackup",
        ["backup test"] = "Test-PgBackup",
        ["database compare"] = "Compare-PgDatabase",
        ["database list"] = "Get-PgDatabase",
        ["database measure"] = "Measure-PgDatabase",
        ["log"] = "Get-DbSafetyLog",
        ["migration list"] = "Get-PgMigration",
        ["migration resolve"] = "Resolve-PgMigration",
        ["migration run"] = "Invoke-SafeMigration",
        ["migration test"] = "Test-PgMigration",
        ["restore run"] = "Restore-PgDatabase",
        ["restore undo"] = "Undo-PgRestore",
        ["retained list"] = "Get-PgRetainedDatabase",
        ["retained remove"] = "Remove-PgRetainedDatabase",
        ["volume find"] = "Find-PgDockerVolume",
        ["volume test"] = "Test-DockerVolume",
    };

    /// <summary>Parameters whose names are not those of the options.</summary>
    private static readonly Dictionary<string, string> Parameters = new(StringComparer.Ordinal)
    {
        ["applied"] = "-As Applied -Name",
        ["rolled-back"] = "-As RolledBack -Name",
        ["baseline"] = "-As Baseline -Name",
        ["database-url"] = "-ConnectionString",
        ["keep-days"] = "-KeepFor",
        ["map-role"] = "-RoleMap",
        ["of"] = "-Database",
        ["yes"] = "-Force or -Confirm:$false",
    };

    public string Render(Advice advice)
    {
        List<string> parts = advice.Verb is { } verb ? [Cmdlets.GetValueOrDefault(verb, verb)] : [];
        string? last = null;
        foreach (var word in advice.Words)
        {
            // A parameter is specified once, with a list; the command line's option is repeated for each value.
            if (word.Option is not null && word.Option == last)
                parts[^1] += $", {Value(word)}";
            else if (word.Option is null)
                parts.Add(Value(word));
            else
                parts.Add(word.Value is null ? Parameter(word.Option) : $"{Parameter(word.Option)} {Value(word)}");
            last = word.Option;
        }

        return string.Join(' ', parts);
    }

    private static string Parameter(string option) =>
        Parameters.TryGetValue(option, out var name) ? name : "-" + string.Concat(option.Split('-').Select(Capital));

    private static string Value(AdviceWord word) => word.Quote switch
    {
        null => word.Option == "source" ? Capital(word.Value!) : word.Value!,
        '"' when !word.Value.AsSpan().ContainsAny(Expanded) => $"\"{word.Value}\"",
        _ => $"'{string.Concat(word.Value!.Select(c => IsSingleQuote(c) ? $"{c}{c}" : $"{c}"))}'",
    };

    /// <summary>PowerShell reads typographic quotation marks as these too.</summary>
    private static bool IsSingleQuote(char c) => c is '\'' or '‘' or '’' or '‚' or '‛';

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
}
