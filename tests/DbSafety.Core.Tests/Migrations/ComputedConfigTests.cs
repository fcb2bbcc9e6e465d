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
    [InlineData("import * as b from './base'; export = b.config;")]
    [InlineData("import b = require('./base'); export = b")]
    [InlineData("import * as b from './base'; export default b")]
    [InlineData("import * as kit from './base'; export default kit.defineConfig({ out: './drizzle' })")]
    [InlineData("import { defineConfig } from '@acme/db'; export default defineConfig({ out: './drizzle' })")]
    [InlineData("export default { dev: { out: './a' }, prod: { out: './drizzle' } }[process.env.MODE]")]
    [InlineData("const all = { dev: { out: './a' } }; export default all.dev")]
    [InlineData("const c = { out: './drizzle' }; export default other || c")]
    [InlineData("const c = { out: './drizzle' }; export default c || other")]
    [InlineData("const all = { out: './drizzle' }['x']; export default all")]
    [InlineData("export default defineConfig({ out: './drizzle' }, base)")]
    [InlineData("export default defineConfig({ out: './drizzle' }).extend(base)")]
    [InlineData("exports.default = base.config")]
    [InlineData("exports.out = './db'")]
    [InlineData("module['exports'] = base")]
    [InlineData("Object.assign(module.exports, base)")]
    [InlineData("module.exports = { out: './drizzle' }; module.exports.out = './db'")]
    [InlineData("const c = { out: './drizzle' }; Object.assign(c, base); export default c")]
    [InlineData("const c = { out: './drizzle' }; c['out'] = './db'; export default c")]
    [InlineData("let c = { out: './drizzle' }; c = base; export default c")]
    [InlineData("const c = { out: './drizzle', migrations: {} }; patch(c.migrations); export default c")]
    [InlineData("export default defineConfig({ out: './drizzle', ...base })")]
    [InlineData("export default defineConfig({ migrations: { table: 'x', ...base } })")]
    [InlineData("export default defineConfig({ [key]: './db' })")]
    public void A_computed_Drizzle_configuration_is_rejected(string config)
    {
        Write(("drizzle.config.ts", config), ("drizzle/meta/_journal.json", Journal), ("drizzle/0000_a.sql", "SELECT 1;"));
        Assert.Equal("DBS415", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
    }

    [Theory]
    [InlineData("import 'dotenv/config'; import { defineConfig, out } from 'drizzle-kit'; import { migrations } from 'y'; export default defineConfig({ schema: [...tables, 'a'], dialect: 'postgresql' })", "drizzle.__drizzle_migrations")]
    [InlineData("const { out } = process.env; export default { ...base, out: './drizzle', migrations: { table: 't', ['schema']: 's' }, tables: [{ name: 'a' }] }", "s.t")]
    [InlineData("import type { Config } from 'drizzle-kit'; const config: Config = { dialect: 'postgresql' }; export default config satisfies Config", "drizzle.__drizzle_migrations")]
    [InlineData("const { defineConfig } = require('drizzle-kit'); module.exports = defineConfig({ schema: './src/s.ts' })", "drizzle.__drizzle_migrations")]
    [InlineData("export default { schema: './s.ts' } satisfies Config", "drizzle.__drizzle_migrations")]
    [InlineData("import { url } from './env'; import { defineConfig } from 'drizzle-kit'; export default defineConfig({ dbCredentials: { url } })", "drizzle.__drizzle_migrations")]
    [InlineData("export default defineConfig({ out: './drizzle', dbCredentials: { url: process.env.URL!, ssl }, migrations: { schema: 'public', }, })", "public.__drizzle_migrations")]
    [InlineData("import { defineConfig } from 'drizzle-kit';\nconst config = defineConfig({ schema: './s.ts', out: './drizzle', dbCredentials: parse({ ...process.env }) })\nexport default config", "drizzle.__drizzle_migrations")]
    [InlineData("export = { out: './drizzle', tables: list[0] ? ['a'] : ['b'] } as const satisfies Config;", "drizzle.__drizzle_migrations")]
    [InlineData("exports.default = { migrations: { table: 't' } };", "drizzle.t")]
    public void Literal_values_of_a_Drizzle_configuration_with_computed_parts_are_read(string config, string history)
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
    [InlineData("import * as b from './base'; export = b.config")]
    [InlineData("export default { a: { schema: 'x' } }.a")]
    [InlineData("export default defineConfig({ schema: 'prisma/schema.prisma', ...base })")]
    [InlineData("const ci = { migrations: { path: 'ci' } }; export default defineConfig({ migrations: { path: 'db' } })")]
    public void A_computed_Prisma_configuration_is_rejected(string config)
    {
        Write(("prisma.config.ts", config), ("prisma/migrations/20240101_a/migration.sql", "SELECT 1;"));
        Assert.Equal("DBS475", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
    }

    [Theory]
    [InlineData("path.join('db', 'schema.prisma')", true)]
    [InlineData("path.resolve('db', 'schema.prisma')", true)]
    [InlineData("path.resolve(__dirname, 'db', 'schema.prisma')", true)]
    [InlineData("join('db', 'schema.prisma')", true)]
    [InlineData("path.resolve('db', '/schema.prisma')", false)]
    [InlineData("resolve('db', 'schema.prisma')", false)]
    [InlineData("path.join(base, 'schema.prisma')", false)]
    public void Paths_joined_from_string_literals_are_read(string schema, bool isRead)
    {
        Write(("prisma.config.ts", $"import path from 'node:path'; export default defineConfig({{ schema: {schema} }})"), ("db/migrations/20240101_a/migration.sql", "SELECT 1;"));
        if (isRead)
            Assert.Equal("20240101_a", Assert.Single(MigrationFolder.Open(root).Files).Name);
        else
            Assert.Equal("DBS475", Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
    }

    [Fact]
    public void Constructor_arguments_of_other_objects_are_not_Prisma_configuration()
    {
        Write(("prisma.config.ts", "export default defineConfig({ schema: 'db/schema.prisma', adapter: async () => new PrismaPg(pool, { schema }) })"), ("db/migrations/20240101_a/migration.sql", "SELECT 1;"));
        Assert.Equal("20240101_a", Assert.Single(MigrationFolder.Open(root).Files).Name);
    }

    private void Write(params (string Path, string Text)[] files) => new MigrationLayout("", files).WriteTo(root);
}
