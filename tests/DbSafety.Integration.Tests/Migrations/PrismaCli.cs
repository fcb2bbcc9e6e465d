using System.Diagnostics;
using DbSafety.Databases.Connections;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>
/// The real <c>prisma</c> of npm, in the version pinned here.
/// Its native engines cannot be had everywhere, so it runs with its WebAssembly engine over the pg driver.
/// </summary>
internal static class PrismaCli
{
    private const string Version = "6.19.3";

    private const string DriverVersion = "8.16.3";

    /// <summary>Makes a Prisma project of a folder that has <c>migrations</c> in it.</summary>
    /// <param name="wholeScripts">
    /// The JavaScript adapter cuts scripts at every semicolon, which function bodies do not survive. Its native engine sends each script as one simple
    /// query: with this the adapter does too.
    /// </param>
    public static async Task PrepareAsync(string project, bool wholeScripts = false)
    {
        var folder = await NodePackages.InstallAsync("prisma", $"prisma@{Version}", $"@prisma/adapter-pg@{Version}", $"pg@{DriverVersion}");
        Directory.CreateSymbolicLink(Path.Combine(project, "node_modules"), Path.Combine(folder, "node_modules"));
        await File.WriteAllTextAsync(Path.Combine(project, "schema.prisma"), "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\nmodel Item {\n  id Int @id\n}\n");
        await File.WriteAllTextAsync(Path.Combine(project, "prisma.config.ts"),
            """
            import { defineConfig } from 'prisma/config'
            import { PrismaPg } from '@prisma/adapter-pg'
            import pg from 'pg'
            // This release's adapter does not know PostgreSQL's type "name" (oid 19), which its own engine asks for.
            const describe = pg.Query.prototype.handleRowDescription
            pg.Query.prototype.handleRowDescription = function (message) {
              for (const field of message.fields) if (field.dataTypeID === 19) field.dataTypeID = 25
              return describe.call(this, message)
            }
            // When all is done, a timer of ten seconds for what could not be asked of the Internet would keep it from ending.
            const later = globalThis.setTimeout
            globalThis.setTimeout = (call, ms, ...rest) => {
              const timer = later(call, ms, ...rest)
              return ms >= 10000 ? timer.unref() : timer
            }
            const schema = process.env.DATABASE_SCHEMA || undefined
            const pool = {
              connectionString: process.env.DATABASE_URL,
              // Else it lingers for ten seconds when it is done.
              idleTimeoutMillis: 50,
              // What the native engine does for ?schema=.
              options: schema && `-c search_path="${schema}"`,
            }
            export default defineConfig({
              schema: 'schema.prisma',
              experimental: { adapter: true },
              engine: 'js',
              adapter: async () => {
                const factory = new PrismaPg(pool, { schema })
                if (!WHOLE_SCRIPTS) return factory
                const connect = factory.connect.bind(factory)
                factory.connect = async () => {
                  const adapter = await connect()
                  adapter.executeScript = async script => {
                    try { await adapter.client.query(script) } catch (error) { adapter.onError(error) }
                  }
                  return adapter
                }
                return factory
              },
            })
            """.Replace("WHOLE_SCRIPTS", wholeScripts ? "true" : "false", StringComparison.Ordinal));
    }

    /// <summary>What it prints; its exit code is part of the text.</summary>
    public static async Task<string> RunAsync(string project, DatabaseTarget target, params string[] arguments)
    {
        var start = new ProcessStartInfo("node", [Path.Combine("node_modules", "prisma", "build", "index.js"), .. arguments]) { WorkingDirectory = project };
        start.Environment["DATABASE_URL"] = $"postgresql://{target.Username}@localhost:{target.Port}/{target.Database}?host={Uri.EscapeDataString(target.Host)}";
        start.Environment["DATABASE_SCHEMA"] = target.Schema ?? "";
        start.Environment["CHECKPOINT_DISABLE"] = "1";
        start.Environment["PRISMA_HIDE_UPDATE_MESSAGE"] = "1";
        // It looks for its native engines before it finds out that it does not need them.
        start.Environment["PRISMA_QUERY_ENGINE_LIBRARY"] = "/bin/true";
        start.Environment["PRISMA_SCHEMA_ENGINE_BINARY"] = "/bin/true";
        return await CaptureAsync(start);
    }

    private static async Task<string> CaptureAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        try
        {
            using var process = Process.Start(start)!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            return $"{await output}{await error}\nexit code {process.ExitCode}";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Assert.Fail($"{start.FileName} was not found ({e.Message}). This test runs the real Prisma and needs Node.js with npm (Debian: apt-get install nodejs npm).");
            throw;
        }
    }
}
