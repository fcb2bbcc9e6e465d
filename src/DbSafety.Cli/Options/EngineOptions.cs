using System.CommandLine;

namespace DbSafety.Cli.Options;

/// <summary>Which Docker engine: as the docker command's own options of these names say it.</summary>
internal sealed class EngineOptions
{
    private readonly Option<string?> host = new("--docker-host") { Description = "The engine's address, as DOCKER_HOST is written: unix://, npipe://, tcp://, ssh://." };
    private readonly Option<string?> context = new("--docker-context") { Description = "A Docker context. Default: as the docker command chooses." };

    public void AddTo(Command command)
    {
        command.Add(host);
        command.Add(context);
    }

    public string? Host(ParseResult parsed) => parsed.GetValue(host);

    public string? Context(ParseResult parsed) => parsed.GetValue(context);
}
