using DbSafety.Databases.Connections;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>
/// The real <c>prisma</c> 7 of npm. It starts its schema engine as a program, which cannot be downloaded everywhere: the program here passes each request on to the same engine as
/// WebAssembly, over the pg driver.
/// </summary>
internal static class Prisma7Cli
{
    private static readonly string[] Packages = ["prisma@7.10.1", "@prisma/adapter-pg@7.10.1", "@prisma/schema-engine-wasm@8.1.0-2.59be4fda12412a79eeb9c2ae727b6aa723593323", "pg@8.16.3"];

    private const string Engine =
        """
        #!/usr/bin/env node
        import { readFileSync } from 'node:fs'
        import { createInterface } from 'node:readline'
        import { createRequire } from 'node:module'
        import { PrismaPg } from '@prisma/adapter-pg'
        import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
        import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg'
        const args = process.argv.slice(2)
        // Whether the database can be reached: the next request finds out.
        if (args.includes('cli')) process.exit(0)
        const file = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg').replace(/\.js$/, '.wasm')
        const { instance } = await WebAssembly.instantiate(readFileSync(file), { './schema_engine_bg.js': bindings })
        bindings.__wbg_set_wasm(instance.exports)
        instance.exports.__wbindgen_start()
        globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message(text) { console.error(text) } }
        const values = name => args.flatMap((a, i) => (a === name ? [args[i + 1]] : []))
        const { url } = JSON.parse(values('--datasource')[0])
        const schema = new URL(url).searchParams.get('schema') ?? undefined
        const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: url, options: schema && `-c search_path="${schema}"` }, { schema }))
        const engine = await bindings.SchemaEngine.new({ datamodels: values('--datamodels').map(p => [p, readFileSync(p, 'utf8')]) }, () => {}, adapter)
        for await (const line of createInterface({ input: process.stdin })) {
          const { id, method, params } = JSON.parse(line)
          try {
            const result = await engine[method === 'getDatabaseVersion' ? 'version' : method](params ?? {})
            console.log(JSON.stringify({ id, jsonrpc: '2.0', result: result ?? null }))
          } catch (error) {
            console.log(JSON.stringify({ id, jsonrpc: '2.0', error: { code: 4466, message: error.message, data: { is_panic: false, message: error.message, error_code: error.code } } }))
          }
        }
        process.exit(0)
        """;

    /// <summary>Makes a project of a folder: a configuration in TypeScript that names the schema, the migrations and the address.</summary>
    public static async Task PrepareAsync(string project, string migrations)
    {
        var folder = await NodePackages.InstallAsync("prisma7", Packages);
        Directory.CreateSymbolicLink(Path.Combine(project, "node_modules"), Path.Combine(folder, "node_modules"));
        Directory.CreateDirectory(Path.Combine(project, "db"));
        await File.WriteAllTextAsync(Path.Combine(project, "db", "schema.prisma"), "datasource db {\n  provider = \"postgresql\"\n}\nmodel Item {\n  id Int @id\n}\n");
        await File.WriteAllTextAsync(Path.Combine(project, "prisma.config.ts"),
            $$"""
            import { defineConfig, env } from 'prisma/config'
            export default defineConfig({ schema: 'db/schema.prisma', migrations: { path: '{{migrations}}' }, datasource: { url: env('DATABASE_URL') } })
            """);
        await File.WriteAllTextAsync(Path.Combine(project, "engine.mjs"), Engine);
        File.SetUnixFileMode(Path.Combine(project, "engine.mjs"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>What it prints; its exit code is part of the text.</summary>
    /// <param name="language">Of the machine, as in LC_ALL.</param>
    public static async Task<string> RunAsync(string project, DatabaseTarget target, string[] arguments, string language = "C")
    {
        var result = await ToolProcess.RunAsync(new ToolCommand("env", [$"LC_ALL={language}", "node", Path.Combine("node_modules", "prisma", "build", "index.js"), .. arguments])
        {
            WorkingDirectory = project,
            Environment = new Dictionary<string, string?>
            {
                ["DATABASE_URL"] = $"postgresql://{target.Username}@localhost:{target.Port}/{target.Database}?host={Uri.EscapeDataString(target.Host)}",
                ["PRISMA_SCHEMA_ENGINE_BINARY"] = Path.Combine(project, "engine.mjs"), ["CHECKPOINT_DISABLE"] = "1", ["PRISMA_HIDE_UPDATE_MESSAGE"] = "1",
            },
        }, CancellationToken.None);
        return $"{result.Output}{result.Error}\nexit code {result.ExitCode}";
    }
}
