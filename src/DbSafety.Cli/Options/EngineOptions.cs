using System.CommandLine;

namespace DbSafety.Cli.Options;

/// <summary>Selects the Docker engine, like the options of the same names of the docker command.</summary>
internal sealed class EngineOptions
{
    private readonly Option<string?> host = new("--docker-host") { Description = "The address of the Docker engine in the format of DOCKER_HOST: unix://, npipe://, tcp://, ssh://." };
    private readonly Option<string?> context = new("--docker-context") { Description = "The name of a Docker context. By default the engine is selected as the docker command selects it." };

    public void AddTo(Command command)
    {
        command.Add(host);
        command.Add(context);
    }

    public string? Host(ParseResult parsed) => parsed.GetValue(host);

    public string? Context(ParseResult parsed) => parsed.GetValue(context);
}
