using System.CommandLine;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Cli.Options;

/// <summary>The options of <c>dbsafety migration run</c>.</summary>
internal sealed class MigrationRunOptions
{
    public const string Where = "A Prisma or Drizzle project, its migrations folder, or a folder of SQL files.";

    private readonly Option<MigrationSource?> source = SourceOption();
    private readonly Argument<string> folder = new("path") { Description = Where };
    private readonly Option<string[]> allow = new("--allow") { Description = "Allow a loss, as RULE:OBJECT (drop-column:categories.active); can be specified several times.", DefaultValueFactory = _ => [] };
    private readonly Option<bool> allowAll = new("--allow-all") { Description = "Allow every loss." };
    private readonly Option<bool> allowOutOfOrder = new("--allow-out-of-order") { Description = "Also run pending migrations that are out of order (older than an applied migration)." };
    private readonly Option<bool> skipRehearsal = new("--skip-rehearsal") { Description = "Do not rehearse the migrations on a copy." };
    private readonly Option<bool> allowUnisolated = new("--allow-unisolated-command") { Description = "Rehearse --command without isolation: an address that does not come from the variables set for the rehearsal reaches the database itself." };
    private readonly Option<bool> skipBackup = new("--skip-backup") { Description = "Do not keep a backup from before the run." };
    private readonly Option<bool> whatIf = new("--what-if") { Description = "Check and analyse only, and show the plan; change nothing." };
    private readonly Option<string?> destination = new("--destination") { Description = $"The folder for the backup. Default: {SafeMigrationRequest.DefaultBackupDestination}" };
    private readonly Option<int> pinFor = new("--pin-for") { Description = "The number of days that retention keeps the backup of a run that is allowed to lose data; 0: the backup is not pinned.", DefaultValueFactory = _ => 30 };
    private readonly Option<string> environment = new("--environment") { Description = "The environment, such as prod; part of the backup's name.", DefaultValueFactory = _ => "default" };
    private readonly Option<double> lockTimeout = new("--lock-timeout") { Description = "The lock timeout of each attempt, in seconds.", DefaultValueFactory = _ => 5 };
    private readonly Option<int> lockRetries = new("--lock-retries") { Description = "The number of retries after a lock timeout.", DefaultValueFactory = _ => 5 };
    private readonly Option<double?> statementTimeout = new("--statement-timeout") { Description = "The statement timeout, in seconds. Default: the server's setting." };
    private readonly Option<string[]> projectCommand = new("--command") { Description = "Run this command instead of the scripts, such as --command 'npx prisma migrate deploy', with DATABASE_URL in its environment. No shell interprets it.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
    private readonly Option<string?> commandContainer = new("--command-container") { Description = "Run the command in this container of the application, with the container's environment." };
    private readonly Option<FailureAction?> onFailure = new("--on-failure") { Description = "stop or restore: what to do if part of a failed run has been committed. Default: restore only if it is proven that no other session has written since the backup, otherwise stop; with --command always stop." };

    public TargetOptions Target { get; } = new();

    /// <summary>For a folder whose file names match another tool.</summary>
    public static Option<MigrationSource?> SourceOption()
    {
        var option = new Option<MigrationSource?>("--source") { Description = "sql: the files are plain SQL, even if their names match another tool. By default the folder determines the tool.", HelpName = "sql" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<MigrationSource?>() is not (null or MigrationSource.Sql))
                result.AddError("--source accepts only sql.");
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
