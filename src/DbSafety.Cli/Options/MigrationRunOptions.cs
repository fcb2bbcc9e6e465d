using System.CommandLine;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Cli.Options;

/// <summary>The options of <c>dbsafety migration run</c>.</summary>
internal sealed class MigrationRunOptions
{
    public const string Where = "A Prisma or Drizzle project, its folder of migrations, or a folder of SQL files.";

    private readonly Option<MigrationSource?> source = SourceOption();
    private readonly Argument<string> folder = new("path") { Description = Where };
    private readonly Option<string[]> allow = new("--allow") { Description = "Accept one loss, as RULE:OBJECT (drop-column:categories.active); may be given again.", DefaultValueFactory = _ => [] };
    private readonly Option<bool> allowAll = new("--allow-all") { Description = "Accept every loss." };
    private readonly Option<bool> allowOutOfOrder = new("--allow-out-of-order") { Description = "Run those too that come too late in their order." };
    private readonly Option<bool> skipRehearsal = new("--skip-rehearsal") { Description = "Do not try the migrations on a copy first." };
    private readonly Option<bool> allowUnisolated = new("--allow-unisolated-command") { Description = "Rehearse --command without isolation: an address that it takes from anything but the variables set for it reaches the database itself." };
    private readonly Option<bool> skipBackup = new("--skip-backup") { Description = "Keep no backup of the state before." };
    private readonly Option<bool> whatIf = new("--what-if") { Description = "Check, analyse and gate only; change nothing." };
    private readonly Option<string?> destination = new("--destination") { Description = $"The folder for the backup. Default: {SafeMigrationRequest.DefaultBackupDestination}" };
    private readonly Option<int> pinFor = new("--pin-for") { Description = "Days that retention keeps the backup of a run that is allowed to lose something; 0: no longer than any other.", DefaultValueFactory = _ => 30 };
    private readonly Option<string> environment = new("--environment") { Description = "Stands in the backup's name.", DefaultValueFactory = _ => "default" };
    private readonly Option<double> lockTimeout = new("--lock-timeout") { Description = "Seconds that one try waits for a lock.", DefaultValueFactory = _ => 5 };
    private readonly Option<int> lockRetries = new("--lock-retries") { Description = "Tries after the first.", DefaultValueFactory = _ => 5 };
    private readonly Option<double?> statementTimeout = new("--statement-timeout") { Description = "Seconds that one statement may take. Default: as the server has it." };
    private readonly Option<string[]> projectCommand = new("--command") { Description = "Run this in place of our own way, such as --command 'npx prisma migrate deploy', with DATABASE_URL in its environment. No shell reads it.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
    private readonly Option<string?> commandContainer = new("--command-container") { Description = "Run the command in this container, the app's, as it is." };
    private readonly Option<FailureAction?> onFailure = new("--on-failure") { Description = "stop or restore, where something of a failed run was committed already. Default: restore only if it is proven that no other session has written since the backup, else stop; with --command always stop." };

    public TargetOptions Target { get; } = new();

    /// <summary>For a folder that looks like another tool's.</summary>
    public static Option<MigrationSource?> SourceOption()
    {
        var option = new Option<MigrationSource?>("--source") { Description = "sql: the folder's files are plain SQL files, whatever tool's they look like. Default: as the folder says.", HelpName = "sql" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<MigrationSource?>() is not (null or MigrationSource.Sql))
                result.AddError("--source can only be sql.");
        });
        return option;
    }

    public void AddTo(Command command)
    {
        command.Add(folder);
        Target.AddTo(command);
        foreach (var option in new Option[] { source, allow, allowAll, allowOutOfOrder, skipRehearsal, allowUnisolated, skipBackup, whatIf, destination, pinFor, environment, lockTimeout, lockRetries, statementTimeout, projectCommand, commandContainer, onFailure })
            command.Add(option);
    }

    public SafeMigrationRequest Request(ParseResult parsed, DatabaseTarget database) => new(parsed.GetRequiredValue(folder), database)
    {
        Source = parsed.GetValue(source),
        Allow = parsed.GetRequiredValue(allow),
        AllowAll = parsed.GetValue(allowAll),
        AllowOutOfOrder = parsed.GetValue(allowOutOfOrder),
        SkipRehearsal = parsed.GetValue(skipRehearsal),
        AllowUnisolatedCommand = parsed.GetValue(allowUnisolated),
        SkipBackup = parsed.GetValue(skipBackup),
        WhatIf = parsed.GetValue(whatIf),
        BackupDestination = parsed.GetValue(destination),
        PinFor = TimeSpan.FromDays(Math.Max(0, parsed.GetValue(pinFor))),
        Environment = parsed.GetRequiredValue(environment),
        LockTimeout = TimeSpan.FromSeconds(parsed.GetValue(lockTimeout)),
        LockRetries = parsed.GetValue(lockRetries),
        StatementTimeout = parsed.GetValue(statementTimeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        OnFailure = parsed.GetValue(onFailure),
        Command = parsed.GetRequiredValue(projectCommand) is { Length: > 0 } words ? Target.InContainer(parsed, MigrationCommand.Parse(words), parsed.GetValue(commandContainer)) : null,
    };
}
