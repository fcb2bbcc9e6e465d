using DbSafety.Errors;
using DbSafety.Migrations.Sources;

namespace DbSafety.Core.Tests.Migrations;

/// <summary>A configuration that is a program is read where it is plain text, and never guessed.</summary>
public sealed class ComputedConfigTests : IDisposable
{
    private const string Journal = """{"version":"7","dialect":"postgresql","entries":[{"idx":0,"version":"7","when":1,"tag":"0000_a","breakpoints":true}]}""";

    private readonly string root = Directory.CreateTempSubdirectory("dbsafety-config-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [InlineData("const out = './db'; export default defineConfig({ dialect: 'postgresql', out })")]
    [InlineData("const migrations = { table: 'x' }; export default defineConfig({ dialect: 'postgresql', migrations })")]
    [InlineData("export default defineConfig({ ...base, dialect: 'postgresql' })")]
    [InlineData("export default defineConfig({ migrations: { ...base } })")]
    [InlineData("const c = defineConfig({ dialect: 'postgresql' }); c.migrations = { table: 'x' }; export default c")]
    [InlineData("export default defineConfig({ migrations: cfg })")]
    [InlineData("export default defineConfig({ migrations: a ? { table: 'x' } : { table: 'y' } })")]
    [InlineData("const test = { migrations: { table: 'x' } }; export default defineConfig({ migrations: { table: 'y' } })")]
    [InlineData("export default defineConfig({ get migrations() { return x } })")]
    [InlineData("export { default } from './shared/base';")]
    [InlineData("import config from './shared/base'; export default config;")]
    [InlineData("import { make } from './cfg'; export default make('./db/m')")]
    [InlineData("export default make({ schema: './s.ts' })")]
    [InlineData("import { defineConfig } from './base'; export default defineConfig({ dialect: 'postgresql' })")]
    [InlineData("module.exports = require('./base')")]
    [InlineData("const c = make(); export default c")]
    [InlineData("import { base as b } from './base'; export { b as default }")]
    public void What_Drizzles_configuration_computes_is_refused(string config)
    {
        Write(("drizzle.config.ts", config), ("drizzle/meta/_journal.json", Journal), ("drizzle/0000_a.sql", "SELECT 1;"));
        Assert.Equal("DBS415", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
    }

    [Theory]
    [InlineData("import { defineConfig, out } from 'x'; import { migrations } from 'y'; export default defineConfig({ schema: [...tables, 'a'], dialect: 'postgresql' })", "drizzle.__drizzle_migrations")]
    [InlineData("const { out } = process.env; export default { ...base, out: './drizzle', migrations: { table: 't', ['schema']: 's' }, tables: [{ name: 'a' }] }", "s.t")]
    [InlineData("import type { Config } from 'drizzle-kit'; const config: Config = { dialect: 'postgresql' }; export default config satisfies Config", "drizzle.__drizzle_migrations")]
    [InlineData("const { defineConfig } = require('drizzle-kit'); module.exports = defineConfig({ schema: './src/s.ts' })", "drizzle.__drizzle_migrations")]
    [InlineData("export default { schema: './s.ts' } satisfies Config", "drizzle.__drizzle_migrations")]
    [InlineData("import { url } from './env'; import { defineConfig } from 'drizzle-kit'; export default defineConfig({ dbCredentials: { url } })", "drizzle.__drizzle_migrations")]
    [InlineData("export default defineConfig({ out: './drizzle', dbCredentials: { url: process.env.URL!, ssl }, migrations: { schema: 'public', }, })", "public.__drizzle_migrations")]
    public void What_is_plain_text_beside_it_is_read(string config, string history)
    {
        Write(("drizzle.config.ts", config), ("drizzle/meta/_journal.json", Journal), ("drizzle/0000_a.sql", "SELECT 1;"));
        var settings = MigrationFolder.Open(root).Drizzle!;
        Assert.Equal(history, $"{settings.Schema}.{settings.Table}");
    }

    [Theory]
    [InlineData("const path = 'db'; export default defineConfig({ migrations: { path } })")]
    [InlineData("export default defineConfig({ migrations: cfg })")]
    [InlineData("export default defineConfig({ ...base })")]
    [InlineData("import base from './base'; export default base;")]
    [InlineData("export { default } from './base';")]
    [InlineData("import { make } from './base'; export default make({ schema: 'prisma/schema.prisma' })")]
    [InlineData("const ci = { migrations: { path: 'ci' } }; export default defineConfig({ migrations: { path: 'db' } })")]
    public void What_Prismas_configuration_computes_is_refused(string config)
    {
        Write(("prisma.config.ts", config), ("prisma/migrations/20240101_a/migration.sql", "SELECT 1;"));
        Assert.Equal("DBS475", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
    }

    [Fact]
    public void What_another_object_is_made_with_is_no_configuration_of_Prisma()
    {
        Write(("prisma.config.ts", "export default defineConfig({ schema: 'db/schema.prisma', adapter: async () => new PrismaPg(pool, { schema }) })"), ("db/migrations/20240101_a/migration.sql", "SELECT 1;"));
        Assert.Equal("20240101_a", Assert.Single(MigrationFolder.Open(root).Files).Name);
    }

    private void Write(params (string Path, string Text)[] files) => new MigrationLayout("", files).WriteTo(root);
}
