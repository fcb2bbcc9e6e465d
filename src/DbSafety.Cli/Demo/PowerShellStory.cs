using System.Globalization;
using DbSafety.Databases.Connections;
using DbSafety.Errors;

namespace DbSafety.Cli.Demo;

/// <summary>The same demo with cmdlets and objects, in a real PowerShell: the version of the checkout's tool manifest, or the version on PATH.</summary>
internal static class PowerShellStory
{
    private const string Manifest = "DbSafety.psd1";

    /// <param name="server">A temporary server.</param>
    /// <param name="folder">An empty folder for the demo's files.</param>
    /// <exception cref="DbSafetyException"><c>DBS533</c> PowerShell or the module was not found, or a step did not have the expected result.</exception>
    public static async Task RunAsync(DatabaseTarget server, string folder, CancellationToken ct)
    {
        var (shell, module) = await FindAsync(Checkout(AppContext.BaseDirectory), ct);
        await using (var connection = await server.OpenAsync(ct))
            await connection.ExecuteAsync("CREATE DATABASE shop", ct);
        await using (var shop = await server.On("shop").OpenAsync(ct))
            await shop.ExecuteAsync(DemoScript.Shop + DemoScript.Goods + "ANALYZE", ct);
        foreach (var (name, sql) in new[] { ("002_drop_active", DemoScript.Destructive), ("002_add_sku", DemoScript.Safe), ("003_bad", DemoScript.Bad), ("003_clear_orders", DemoScript.Accident) })
            await File.WriteAllTextAsync(Path.Combine(folder, name + ".sql"), sql, ct);
        var exitCode = await DemoProgram.RunAsync(
            [.. shell, "-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File", Path.Combine(AppContext.BaseDirectory, "Demo", "demo.ps1"), "-Module", module, "-Folder", folder],
            server.On("shop").ToolEnvironment(),
            null,
            ct);
        if (exitCode != 0)
            throw ErrorCatalogue.PowerShellUnavailable.For(string.Create(CultureInfo.InvariantCulture, $"PowerShell ended with exit code {exitCode}"), "See the error above.");
    }

    private static async Task<(string[] Shell, string Module)> FindAsync(string? checkout, CancellationToken ct)
    {
        var none = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (checkout is null)
        {
            // Outside of a checkout: the module that Install-PSResource installed.
            if (await DemoProgram.RunAsync(["pwsh", "-NoProfile", "-Command", "exit [int] -not (Get-Module -ListAvailable DbSafety)"], none, null, ct) is not 0)
                throw ErrorCatalogue.PowerShellUnavailable.For("this is not a checkout, and PowerShell with the module DbSafety was not found", "Run it in a checkout, or install both: dotnet tool install --global PowerShell, then Install-PSResource DbSafety.");
            return (["pwsh"], "DbSafety");
        }

        List<string[]> commands = [["dotnet", "tool", "restore"]];
        if (!IsStaged(checkout))
            commands.Add(["dotnet", "build", Path.Combine("src", "DbSafety.PowerShell"), "-tl:off", "-v", "quiet", "-nologo", "-clp:ErrorsOnly"]);
        foreach (var command in commands)
        {
            if (await DemoProgram.RunAsync(command, none, checkout, ct) is not 0)
                throw ErrorCatalogue.PowerShellUnavailable.For($"{string.Join(' ', command)} failed", $"See the errors above. Run it in {checkout}: {string.Join(' ', command)}");
        }

        return (["dotnet", "tool", "run", "pwsh", "--"], Path.Combine(checkout, Manifest));
    }

    /// <summary>Whether the existing module was built from these sources: a module that a session has loaded must not be replaced.</summary>
    private static bool IsStaged(string checkout)
    {
        const string core = "DbSafety.Core.dll";
        var staged = new FileInfo(Path.Combine(checkout, "bin", "core", core));
        return staged.Exists && staged.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(AppContext.BaseDirectory, core));
    }

    private static string? Checkout(string? folder) => folder is null || File.Exists(Path.Combine(folder, Manifest)) ? folder : Checkout(Path.GetDirectoryName(folder));
}
