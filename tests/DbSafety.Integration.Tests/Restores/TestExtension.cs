using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>An extension with a name of its own among those that a server can create; root alone can write there.</summary>
internal sealed class TestExtension : IDisposable
{
    private readonly string folder;

    /// <summary>Of an extension with this name that is installed on this machine.</summary>
    private readonly string? installed;

    private readonly bool isOwnName;

    private TestExtension(string folder, string? name)
    {
        this.folder = folder;
        isOwnName = name is null;
        Name = name ?? "dbsafety_test_" + Guid.NewGuid().ToString("N")[..8];
        installed = File.Exists(Control) ? File.ReadAllText(Control) : null;
    }

    public string Name { get; }

    /// <param name="script">What it creates.</param>
    /// <param name="name">Null: one that no other has.</param>
    public static async Task<TestExtension> CreateAsync(PgServer pg, string script, string? name = null)
    {
        var tool = await PgTools.FindAsync("pg_config", 0, CancellationToken.None, preferred: await PgServer.ScalarAsync<int>(pg.Target, "SELECT current_setting('server_version_num')::int / 10000"));
        var answer = await ToolProcess.RunAsync(new ToolCommand(tool.Path, "--sharedir"), CancellationToken.None);
        var extension = new TestExtension(Path.Combine(answer.Output.Trim(), "extension"), name);
        await File.WriteAllTextAsync(extension.Control, "default_version = '1'\nrelocatable = false\n");
        await File.WriteAllTextAsync(extension.Script, script);
        return extension;
    }

    private string Control => Path.Combine(folder, Name + ".control");

    private string Script => Path.Combine(folder, Name + "--1.sql");

    /// <summary>
    /// One with a name of its own stays until the run ends: PostgreSQL reads the control file of every extension for whoever asks which there are, and a file that goes
    /// meanwhile is an error to them.
    /// </summary>
    public void Dispose()
    {
        if (isOwnName)
        {
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Remove();
            return;
        }

        Remove();
    }

    private void Remove()
    {
        File.Delete(Script);
        if (installed is null)
            File.Delete(Control);
        else
            File.WriteAllText(Control, installed);
    }
}
