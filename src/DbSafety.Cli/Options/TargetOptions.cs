using System.CommandLine;
using System.Text.RegularExpressions;
using DbSafety.Backups.Volumes;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Connections.Text;
using DbSafety.Docker.Targets;
using DbSafety.Errors;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;

namespace DbSafety.Cli.Options;

/// <summary>How the command line specifies the database: <c>--database-url</c>, <c>--env-file</c>, <c>--container</c>, or libpq's environment.</summary>
internal sealed partial class TargetOptions
{
    private readonly Option<string?> url = new("--database-url", "-d") { Description = "A postgres:// URL, env:NAME, or - to read it from standard input." };
    private readonly Option<string?> envFile = new("--env-file") { Description = "Read DATABASE_URL from this file." };
    private readonly Option<string?> container = new("--container") { Description = "A container, a compose service or project. Its environment names user and database; its programs are used if this machine has none." };
    private readonly Option<string?> database = new("--database") { Description = "A database of the container or the volume. Default: the database that the container was created with, or all databases of the volume." };
    private readonly EngineOptions engine = new();

    public void AddTo(Command command)
    {
        command.Add(url);
        command.Add(envFile);
        command.Add(container);
        command.Add(database);
        engine.AddTo(command);
    }

    /// <summary>Whether the URL is read from standard input.</summary>
    public bool ReadsStandardInput(ParseResult parsed) => parsed.GetValue(url) == "-";

    /// <summary>Null if nothing was specified.</summary>
    public async Task<ChosenTarget?> FindAsync(ParseResult parsed, IOperationEvents events, CancellationToken ct)
    {
        var specified = new[] { url, envFile, container }.Where(o => parsed.GetValue(o) is not null).Select(o => o.Name).ToList();
        if (specified.Count > 1)
            throw ErrorCatalogue.TargetInvalid.For(string.Join(" with ", specified), "each of them specifies the database; use only one");
        foreach (var option in new[] { envFile, container, database })
            ConnectionNames.Checked(parsed.GetValue(option) ?? "", option.Name);
        if (parsed.GetValue(container) is { } name)
            return new ChosenTarget(await ContainerTarget.OpenAsync(Request(parsed, name), events, ct));
        if (parsed.GetValue(database) is not null)
            throw ErrorCatalogue.TargetInvalid.For("--database", "it specifies a database of a container, but --container is missing");
        if (parsed.GetValue(url) is { } text)
            return await ChosenAsync(FromUrl(text, events));
        return parsed.GetValue(envFile) is { } file ? await ChosenAsync(DatabaseTargets.FromEnvFile(file)) : null;

        async Task<ChosenTarget> ChosenAsync(DatabaseTarget target) => new(await new ChooseServer().RunAsync(target, events, ct));
    }

    /// <summary>Keep it until the verb has finished: disposing it closes the connection into a container.</summary>
    public async Task<ChosenTarget> OpenAsync(ParseResult parsed, IOperationEvents events, CancellationToken ct) =>
        await FindAsync(parsed, events, ct) ?? new ChosenTarget(await new ChooseServer().RunAsync(DatabaseTargets.FromEnvironment(), events, ct));

    /// <summary>The same options when they are used with a volume.</summary>
    public VolumeBackupRequest OfVolume(ParseResult parsed, VolumeBackupRequest request)
    {
        if (new[] { url, envFile, container }.FirstOrDefault(o => parsed.GetValue(o) is not null) is { } other)
            throw ErrorCatalogue.TargetInvalid.For($"--volume with {other.Name}", "each of them specifies the database; use only one");
        return request with { Database = parsed.GetValue(database), DockerHost = engine.Host(parsed), DockerContext = engine.Context(parsed) };
    }

    /// <summary>The same engine for a command that runs in a container.</summary>
    public MigrationCommand InContainer(ParseResult parsed, MigrationCommand command, string? name) => command with { Container = name, DockerHost = engine.Host(parsed), DockerContext = engine.Context(parsed) };

    private ContainerTargetRequest Request(ParseResult parsed, string name) => new(name)
    {
        Database = parsed.GetValue(database),
        DockerHost = engine.Host(parsed),
        DockerContext = engine.Context(parsed),
    };

    /// <summary>A URL, <c>env:NAME</c>, or <c>-</c>.</summary>
    public static DatabaseTarget FromUrl(string text, IOperationEvents events)
    {
        if (text == "-")
            return DatabaseTargets.Parse(Console.In.ReadLine() ?? "");
        if (text.StartsWith("env:", StringComparison.Ordinal))
            return DatabaseTargets.Parse(DatabaseTargets.OfVariable(text));
        if (HoldsPassword(text))
            events.Warning("the URL on the command line contains a password, which other users of this machine can read; use --database-url env:NAME or --database-url -");
        return DatabaseTargets.Parse(text);
    }

    private static bool HoldsPassword(string text) =>
        PasswordPattern().IsMatch(text) || AssignmentPattern().IsMatch(text);

    [GeneratedRegex(@"password\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex AssignmentPattern();

    [GeneratedRegex("^[a-z]+://[^/@]*:[^@]*@", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordPattern();
}
