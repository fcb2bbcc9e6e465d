using System.Management.Automation;
using DbSafety.Databases;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Connections.Text;
using DbSafety.Docker.Targets;
using DbSafety.Errors;
using DbSafety.PowerShell.Completion;
using DbSafety.PowerShell.Parameters;

namespace DbSafety.PowerShell.Cmdlets;

/// <summary>
/// Specifies the database, in the same way for every cmdlet: -Database is its name; one of the parameter sets below, or the object
/// on the pipeline, specifies the server. By default libpq's environment applies.
/// </summary>
public abstract class DatabaseCmdlet : EngineCmdlet
{
    private protected const string ByServer = "Server";
    private protected const string ByConnectionString = "ConnectionString";
    private protected const string ByEnvFile = "EnvFile";
    private protected const string ByContainer = "Container";

    private bool placeOnCommandLine;
    private bool onlyLoginOnCommandLine;
    private bool portOnCommandLine;
    private bool nameOnCommandLine;
    private ContainerTarget? container;

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(DatabaseCompleter))]
    public virtual string? Database { get; set; }

    [Parameter(ParameterSetName = ByServer, ValueFromPipelineByPropertyName = true)]
    [Alias("HostName")]
    [ValidateNotNullOrEmpty]
    public string? Server { get; set; }

    [Parameter(ParameterSetName = ByServer, ValueFromPipelineByPropertyName = true)]
    [ValidateRange(1, 65535)]
    public int Port { get; set; }

    [Parameter(ParameterSetName = ByServer)]
    [Credential]
    [ValidateNotNull]
    public PSCredential? Credential { get; set; }

    [Parameter(ParameterSetName = ByConnectionString, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("DatabaseUrl")]
    [ValidateNotNullOrEmpty]
    public string? ConnectionString { get; set; }

    [Parameter(ParameterSetName = ByEnvFile, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? EnvFile { get; set; }

    /// <summary>
    /// A container, a compose service, a compose project or PROJECT/SERVICE: user and database come from its environment. Its PostgreSQL programs are
    /// used if this machine has none of a suitable version.
    /// </summary>
    [Parameter(ParameterSetName = ByContainer, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    public string? Container { get; set; }

    /// <summary>A database from Get-PgDatabase or Get-PgRetainedDatabase, which includes the connection.</summary>
    [Parameter(ValueFromPipeline = true, DontShow = true)]
    public IDatabaseObject? InputObject { get; set; }

    protected override void BeginProcessing()
    {
        // Only parameters on the command line are bound at this point; they take precedence over pipeline input.
        string[] places = [nameof(Server), nameof(Port), nameof(Credential), nameof(ConnectionString), nameof(EnvFile), nameof(Container)];
        placeOnCommandLine = places.Any(MyInvocation.BoundParameters.ContainsKey);
        onlyLoginOnCommandLine = placeOnCommandLine && places.Where(MyInvocation.BoundParameters.ContainsKey).All(p => p == nameof(Credential));
        portOnCommandLine = MyInvocation.BoundParameters.ContainsKey(nameof(Port));
        nameOnCommandLine = MyInvocation.BoundParameters.ContainsKey(nameof(Database));
    }

    /// <summary>
    /// Whether the Database property of a piped object is the database to work on. If it is not, as for a backup, a name in the URL
    /// or the env file takes precedence.
    /// </summary>
    private protected virtual bool PipedNameIsTarget => true;

    /// <summary>Whether a database was specified, for cmdlets that can run without a database.</summary>
    private protected bool SaysDatabase => placeOnCommandLine || InputObject is not null || Database is not null || Server is not null || ConnectionString is not null || EnvFile is not null || Container is not null;

    /// <summary>The database of a piped object.</summary>
    private protected virtual DatabaseTarget OfInput(IDatabaseObject input) => input.ToTarget();

    private protected DatabaseTarget Target() => nameOnCommandLine || PipedNameIsTarget ? Target(NameOrInput, null) : Target(null, NameOrInput);

    /// <summary>A property of the object can be the name of another database.</summary>
    private string? NameOrInput => nameOnCommandLine || InputObject is null ? Database : OfInput(InputObject).Database;

    /// <param name="database">The database's name; null: the database that the URL, the file or the environment specifies.</param>
    /// <param name="otherwise">The database to use if they specify none.</param>
    /// <exception cref="Errors.DbSafetyException"><c>DBS105</c>, <c>DBS106</c>.</exception>
    private protected DatabaseTarget Target(string? database, string? otherwise)
    {
        foreach (var (name, what) in new[] { (Database, "the database"), (Container, "the container"), (Server, "the server"), (EnvFile, "the env file") })
            ConnectionNames.Checked(name ?? "", what);
        var login = Credential?.GetNetworkCredential();
        if (InputObject is not null && (!placeOnCommandLine || onlyLoginOnCommandLine))
        {
            var piped = nameOnCommandLine && database is not null ? InputObject.ToTarget().On(database) : OfInput(InputObject);
            // The connection into its container was closed when the command that returned it ended.
            piped = piped.Container is null ? piped : Open(ContainerTargetRequest.Again(piped));
            // Another user on the same connection: address, TLS and options do not change.
            return login is null ? piped : piped.LoggedInAs(Credential!.UserName, login.Password);
        }

        if (Container is not null)
            return Open(new ContainerTargetRequest(Container) { Database = database ?? otherwise, DockerHost = DockerHost, DockerContext = DockerContext });

        var address = Server is null ? null : ServerAddress.Parse(Server);
        if (address?.Port is { } stated && portOnCommandLine && stated != Port)
            throw ErrorCatalogue.TargetInvalid.For("the server", "its port differs from -Port");
        return Run(new ChooseServer(), new DatabaseChoice
        {
            ConnectionString = ConnectionString,
            EnvFile = EnvFile is null ? null : ProviderPaths.Literal(this, EnvFile),
            Host = address?.Host,
            Port = address?.Port ?? (Port > 0 ? Port : null),
            Username = login is null ? null : Credential!.UserName,
            Password = login?.Password is { Length: > 0 } password ? password : null,
            Database = database ?? (InputObject is null ? null : OfInput(InputObject).Database),
            OtherwiseDatabase = otherwise,
        }.Resolve());
    }

    /// <summary>An estimate for a plan or a question; empty: there is none.</summary>
    private protected static string LastTook(DatabaseTarget target, string verb, string what, string? stage = null) => PastDuration.TextAsync(target, verb, what, stage).GetAwaiter().GetResult() is { } text ? $"; {text}" : "";

    /// <summary>The connection into a container stays open until the next container is opened, or the command ends.</summary>
    private DatabaseTarget Open(ContainerTargetRequest request)
    {
        Close();
        container = Run(new OpenContainer(), request);
        return container.Target;
    }

    private void Close()
    {
        container?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        container = null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Close();
        base.Dispose(disposing);
    }
}
