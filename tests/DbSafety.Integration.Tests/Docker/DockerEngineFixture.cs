using System.Globalization;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Connections.Text;
using DbSafety.Docker.Engine;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Errors;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Docker;

/// <summary>
/// A Docker engine with PostgreSQL images: the machine's own where one answers, else a throwaway one. Whatever the tests make carries a
/// label of this run and is removed at its end. Without an engine and without dockerd the tests fail; as another user than root they are named as not run.
/// </summary>
public sealed class DockerEngineFixture : IAsyncLifetime
{
    /// <summary>For <c>sh -c</c> in a container: waits a minute or two until its server answers, then fails.</summary>
    internal const string UntilReady = "i=1200; until pg_isready -q; do [ $((i -= 1)) -gt 0 ] || exit 1; sleep 0.05; done";

    private const string Password = "not-a-secret";
    private readonly string run = Guid.NewGuid().ToString("N")[..8];
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("dbs-docker-");
    private TemporaryEngine? throwaway;
    private int folders;

    public EngineAddress Address { get; private set; } = EngineAddress.Local;

    public TestImages Images { get; private set; } = new("0");

    private static string Script => Path.Combine(AppContext.BaseDirectory, "docker", "make-postgres-image.sh");

    private string Label => $"dbsafety.test={run}";

    private string Network => Name("net");

    /// <summary>The name of a container or volume of this run.</summary>
    public string Name(string name) => $"dbs-{run}-{name}";

    public async ValueTask InitializeAsync()
    {
        // Its tests do not run then.
        if (!Environment.IsPrivilegedProcess)
            return;
        if (!await AnswersAsync(Address))
        {
            throwaway = await TemporaryEngine.StartAsync();
            Address = throwaway.Address;
        }

        await MakeImagesAsync();
        // A network of its own: the throwaway engine has no default bridge.
        await DockerAsync("network", "create", "--label", Label, Network);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!Environment.IsPrivilegedProcess)
                return;
            await RemoveAsync(["ps", "-aq", "--filter", $"label={Label}"], ["rm", "--force", "--volumes"]);
            await RemoveAsync(["volume", "ls", "-q", "--filter", $"label={Label}"], ["volume", "rm", "--force"]);
            await RemoveAsync(["network", "ls", "-q", "--filter", $"label={Label}"], ["network", "rm"]);
            if (throwaway is null)
                await DockerAsync(["rmi", "--force", .. Images.Recipes.Select(r => r[0]), TestImages.App]);
        }
        finally
        {
            if (throwaway is not null)
                await throwaway.DisposeAsync();
            folder.Delete(recursive: true);
        }
    }

    /// <summary>An engine that listens with TLS: the tests' own, else one that is started for it and has the image <see cref="TestImages.App"/> alone.</summary>
    internal async Task WithTlsAsync(Func<TemporaryEngine, Task> work)
    {
        if (throwaway is not null)
        {
            await work(throwaway);
            return;
        }

        await using var other = await TemporaryEngine.StartAsync();
        var make = Command("sh", [Script, TestImages.App]);
        (await ToolProcess.RunAsync(make with { Environment = new Dictionary<string, string?>(make.Environment) { ["DOCKER_HOST"] = other.Address.Text } }, CancellationToken.None)).OrThrow();
        await work(other);
    }

    /// <summary>Runs the docker command on the fixture's engine; its output without the last line break.</summary>
    public async Task<string> DockerAsync(params string[] arguments)
    {
        var result = await ToolProcess.RunAsync(Command("docker", arguments), CancellationToken.None);
        return result.ExitCode == 0 ? result.Output.Trim() : throw new InvalidOperationException($"docker {string.Join(' ', arguments)}: {result.Error}");
    }

    /// <summary>Builds the image of the runbooks, with the command line that these tests run.</summary>
    internal async Task BuildRunbooksAsync(string tag) =>
        (await ToolProcess.RunAsync(
            Command("sh", [Path.Combine(AppContext.BaseDirectory, "docker", "make-runbooks-image.sh"), TestImages.App, tag, Repository.Root, Repository.Folder("src/DbSafety.Cli/bin/Release/net10.0")]),
            CancellationToken.None)).OrThrow();

    /// <summary>Runs docker-compose in the folder of a compose file.</summary>
    public async Task ComposeAsync(string file, params string[] arguments) =>
        (await ToolProcess.RunAsync(Command("docker-compose", ["-f", file, .. arguments]) with { WorkingDirectory = Path.GetDirectoryName(file) }, CancellationToken.None)).OrThrow();

    /// <summary>A compose file as docker-compose resolves it.</summary>
    public async Task<string> ConfigAsync(string file)
    {
        var result = await ToolProcess.RunAsync(Command("docker-compose", ["-f", file, "config"]) with { WorkingDirectory = Path.GetDirectoryName(file) }, CancellationToken.None);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException(result.Error);
    }

    /// <summary>Runs the docker command with streams; its output is read and forgotten.</summary>
    public async Task PumpAsync(string[] arguments, Func<Stream, CancellationToken, Task>? writeInput) =>
        (await ToolProcess.RunAsync(Command("docker", arguments), (s, ct) => s.CopyToAsync(Stream.Null, 256 * 1024, ct), writeInput, CancellationToken.None)).OrThrow();

    /// <summary>The docker command's output here, into the docker command of another engine.</summary>
    internal async Task PipeAsync(string[] arguments, EngineAddress other, string[] into)
    {
        var receive = Command("docker", into);
        receive = receive with { Environment = new Dictionary<string, string?>(receive.Environment) { ["DOCKER_HOST"] = other.Text } };
        (await ToolProcess.RunAsync(Command("docker", arguments), async (output, ct) =>
            (await ToolProcess.RunAsync(receive, ct, (input, token) => output.CopyToAsync(input, token))).OrThrow(), null, CancellationToken.None)).OrThrow();
    }

    /// <summary>Makes a container and does not start it.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CreateAsync(string name, string image, params string[] options)
    {
        await DockerAsync(
            ["create", "--label", Label, .. options.Contains("--network") ? [] : (string[])["--network", Network], "--name", Name(name), "--env", $"POSTGRES_PASSWORD={Password}", .. options, image]);
        return Name(name);
    }

    /// <summary>Starts a PostgreSQL container and waits until it answers.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> RunAsync(string name, string image, params string[] options)
    {
        var container = await CreateAsync(name, image, options);
        await DockerAsync("start", container);
        await ReadyAsync(container);
        return container;
    }

    /// <summary>A PostgreSQL container with a free port of 127.0.0.1, for any test that needs a database in a container.</summary>
    /// <param name="options">More of <c>docker create</c>, such as <c>-v</c>.</param>
    public async Task<DatabaseTarget> StartPostgresAsync(string name, string database = "shop", params string[] options)
    {
        var container = await RunAsync(name, Images.Postgres, ["--publish", "127.0.0.1::5432", "--env", $"POSTGRES_DB={database}", .. options]);
        return new DatabaseTarget
        {
            Host = "127.0.0.1",
            Port = await PortAsync(container),
            Username = "postgres",
            Password = Password,
            Database = database,
            Container = container,
        };
    }

    /// <summary>The port of 127.0.0.1 that a container's server is published on.</summary>
    public async Task<int> PortAsync(string container) =>
        int.Parse((await DockerAsync("port", container, "5432/tcp")).Split('\n')[0].Split(':')[^1], CultureInfo.InvariantCulture);

    /// <summary>A labelled volume.</summary>
    public async Task<string> VolumeAsync(string name, params string[] options)
    {
        await DockerAsync(["volume", "create", "--label", Label, .. options, Name(name)]);
        return Name(name);
    }

    /// <summary>A folder of the host to mount, on a disk unless another place is asked for; a container empties it afterwards, since it holds other users' files.</summary>
    public async Task WithFolderAsync(Func<string, Task> work, string place = "/var/tmp")
    {
        var path = Directory.CreateDirectory(Path.Combine(place, $"dbs-bind-{run}-{Interlocked.Increment(ref folders)}")).FullName;
        try
        {
            await work(path);
        }
        finally
        {
            await DockerAsync("run", "--rm", "--network", "none", "--volume", $"{path}:/bind", TestImages.App, "rm", "-rf", "/bind/data");
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>A file with a DATABASE_URL.</summary>
    public string EnvFile(string url)
    {
        var path = Path.Combine(folder.FullName, $"{Guid.NewGuid():N}.env");
        File.WriteAllText(path, $"# the app\nDATABASE_URL=\"{url}\"\n");
        return path;
    }

    /// <summary>Waits until a container's server answers. It listens on its socket only when its cluster is complete.</summary>
    public async Task ReadyAsync(string container)
    {
        try
        {
            await DockerAsync("exec", container, "sh", "-c", UntilReady);
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException($"{container} did not start: {await DockerAsync("logs", container)}", e);
        }
    }

    private static async Task<bool> AnswersAsync(EngineAddress address)
    {
        try
        {
            using var engine = new DockerEngine(address);
            await engine.VersionAsync(CancellationToken.None);
            return true;
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.EngineUnreachable)
        {
            return false;
        }
    }

    private async Task MakeImagesAsync()
    {
        var tool = (await PgTools.AllAsync("postgres", CancellationToken.None)).MaxBy(t => t.Major)
            ?? throw new InvalidOperationException("The Docker tests make their image from this machine's PostgreSQL, and there is none. Install it: apt-get install postgresql");
        Images = new TestImages(tool.Version);
        (await ToolProcess.RunAsync(Command("sh", [Script, TestImages.App]), CancellationToken.None)).OrThrow();
        foreach (var recipe in Images.Recipes)
            (await ToolProcess.RunAsync(Command("sh", [Script, TestImages.App, .. recipe]), CancellationToken.None)).OrThrow();
    }

    private async Task RemoveAsync(string[] list, string[] remove)
    {
        var found = (await DockerAsync(list)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (found.Length > 0)
            await DockerAsync([.. remove, .. found]);
    }

    private ToolCommand Command(string program, string[] arguments) =>
        new(program, arguments) { Environment = new Dictionary<string, string?> { ["DOCKER_HOST"] = Address.Text, ["DOCKER_CONTEXT"] = null, ["DOCKER_TLS_VERIFY"] = null } };
}
