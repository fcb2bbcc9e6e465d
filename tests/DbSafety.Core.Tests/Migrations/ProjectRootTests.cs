using DbSafety.Migrations.Sources;

namespace DbSafety.Core.Tests.Migrations;

public sealed class ProjectRootTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("dbsafety-root-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    /// <summary>Files (a text after a colon), the folder that is named, and the one in which the command runs.</summary>
    [Theory]
    [InlineData("package.json:{} x/db/migrations/1_a.sql:--migrate:up", "x/db/migrations", "x")]
    [InlineData("package.json:{} x/db/migrations/1_a.sql:--migrate:up", "x", "x")]
    [InlineData("package.json:{} prisma/schema.prisma:x prisma/migrations/1_a/migration.sql:x", "prisma/migrations", "")]
    [InlineData("package.json:{} apps/web/prisma/schema.prisma:x apps/web/prisma/migrations/1_a/migration.sql:x", "apps/web/prisma/migrations", "apps/web")]
    [InlineData("prisma.config.ts:({migrations:{path:'a/prisma/migrations'}}) a/prisma/migrations/1_a/migration.sql:x", "a/prisma/migrations", "")]
    [InlineData("drizzle.config.ts:module.exports={out:'a/drizzle'} a/package.json:{} a/drizzle/meta/_journal.json:{} a/drizzle/1.sql:x", "a/drizzle", "")]
    [InlineData("supabase/config.toml:project_id=1 supabase/migrations/1_a.sql:x", "supabase/migrations", "")]
    [InlineData("db/flyway.conf:flyway.locations=filesystem:scripts db/scripts/V1__a.sql:x package.json:{}", "db/scripts", "db")]
    [InlineData("package.json:{\"node-pg-migrate\":1} migrations/1_a.sql:x", "migrations", "")]
    [InlineData("hasura/config.yaml:endpoint hasura/migrations/default/1_a/up.sql:x package.json:{}", "hasura/migrations", "hasura")]
    [InlineData("sqitch.conf:x db/sqitch.plan:x db/deploy/a.sql:x", "db", "")]
    [InlineData("package.json:{} scripts/up.sh:x", "scripts", "")]
    [InlineData("go.mod:x sql/001_a.sql:x", "sql", "")]
    [InlineData("sql/001_a.sql:x", "sql", "sql")]
    public void A_migration_command_runs_in_the_project_folder_of_the_migrations(string files, string named, string expected)
    {
        Directory.CreateDirectory(Path.Combine(root, ".git"));
        foreach (var file in files.Split(' '))
        {
            var (name, text) = file.Split(':', 2) is [var n, var t] ? (n, t) : throw new ArgumentException(file);
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, name))!);
            File.WriteAllText(Path.Combine(root, name), text);
        }

        Assert.Equal(Path.Combine(root, expected).TrimEnd('/'), ProjectRoot.Of(Path.Combine(root, named)));
    }
}
