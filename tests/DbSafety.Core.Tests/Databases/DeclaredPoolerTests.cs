using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Core.Tests.Databases;

public sealed class DeclaredPoolerTests : IDisposable
{
    /// <summary>Nobody listens there: whoever connects gets DBS101.</summary>
    private const string Pooled = "postgres://app:s3cret@127.0.0.1:1/shop?pgbouncer=true&connection_limit=1";

    private const string Direct = "postgres://app:s3cret@db.example:5432/shop";

    private readonly string folder = Directory.CreateTempSubdirectory("dbsafety-direct-").FullName;

    public DeclaredPoolerTests() => Directory.CreateDirectory(Path.Combine(folder, ".git"));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_URL_with_pgbouncer_true_is_rejected_without_connecting()
    {
        var refusal = await RefusalAsync(DatabaseTargets.Parse(Pooled));
        Assert.Contains("pgbouncer=true", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("DBS101", (await Assert.ThrowsAsync<DbSafetyException>(() => DatabaseTargets.Parse(Pooled.Replace("=true", "=false", StringComparison.Ordinal)).OpenAsync(CancellationToken.None))).Code);
    }

    [Theory]
    [InlineData("DIRECT_URL", null)]
    [InlineData("DATABASE_URL_UNPOOLED", null)]
    [InlineData("POSTGRES_URL_NON_POOLING", null)]
    [InlineData("OTHER_URL", "datasource db {\n  // directUrl = env(\"WRONG\")\n  url = env(\"DATABASE_URL\")\n  directUrl = env(\"OTHER_URL\")\n}")]
    public async Task The_pooler_error_contains_the_direct_URL_of_the_env_file_without_its_password(string variable, string? schema)
    {
        if (schema is not null)
            await WriteAsync("prisma/schema.prisma", schema);
        var file = await WriteAsync(".env", $"DATABASE_URL=\"{Pooled}\"\n{variable}=\"{Direct}\"\nWRONG={Direct}x\n");
        var refusal = await RefusalAsync(DatabaseTargets.FromEnvFile(file));
        Assert.Contains($"{variable} of {file} names the server directly: postgres://app@db.example:5432/shop", refusal.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", refusal.Message + refusal.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgres://app@db.example/another")]
    [InlineData("postgres://app@127.0.0.1:1/shop")]
    [InlineData("postgres://app@pool.example:6543/shop?pgbouncer=true")]
    [InlineData("not a URL")]
    public async Task The_pooler_error_does_not_suggest_the_URL_of_another_database_or_of_a_pooler(string other)
    {
        var file = await WriteAsync(".env", $"DATABASE_URL={Pooled}\nDIRECT_URL={other}\n");
        var target = DatabaseTargets.FromEnvFile(file);
        Assert.DoesNotContain("DIRECT_URL", (await RefusalAsync(target)).Hint, StringComparison.Ordinal);
        Assert.Same(target, await DirectAddress.ForMigrationsAsync(target, folder, _ => folder, OperationEvents.None, CancellationToken.None));
    }

    [Theory]
    [InlineData("prisma/schema.prisma", "datasource db {\n  directUrl = env(\"SHOP_DIRECT\")\n}")]
    [InlineData("prisma.config.ts", "export default defineConfig({\n  datasource: {\n    url: env('SHOP_DIRECT'),\n  },\n})")]
    [InlineData("prisma.config.ts", "export default {\n  datasource: { url: process.env.SHOP_DIRECT! },\n}")]
    public async Task Migrations_of_a_Prisma_project_use_its_direct_URL(string file, string text)
    {
        await WriteAsync(file, text);
        await WriteAsync(".env", $"DATABASE_URL={Pooled}\nSHOP_DIRECT={Direct}?schema=app\n");
        Directory.CreateDirectory(Path.Combine(folder, "prisma/migrations"));
        var target = await DirectAddress.ForMigrationsAsync(DatabaseTargets.Parse(Pooled), Path.Combine(folder, "prisma/migrations"), _ => folder, OperationEvents.None, CancellationToken.None);
        Assert.Equal(("db.example", 5432, "shop", "app"), (target.Host, target.Port, target.Database, target.Schema));
        // Without the project's word, the target stays the one that was named.
        var pooled = DatabaseTargets.Parse(Pooled);
        var elsewhere = Directory.CreateDirectory(Path.Combine(folder, "elsewhere/.git")).Parent!.FullName;
        Assert.Same(pooled, await DirectAddress.ForMigrationsAsync(pooled, elsewhere, _ => elsewhere, OperationEvents.None, CancellationToken.None));
    }

    [Theory]
    [InlineData("proj/sub/mig", "proj/sub/mig", Pooled)]
    [InlineData("prisma/migrations", "", "postgres://app@another.example/shop?pgbouncer=true")]
    [InlineData("prisma/migrations", "", "postgres://other@127.0.0.1:1/shop")]
    [InlineData("prisma/migrations", "", "postgres://app@127.0.0.1:1/other")]
    public async Task A_direct_URL_of_another_project_or_pooler_is_shown_in_the_hint_but_not_used(string path, string project, string url)
    {
        await WriteAsync("prisma/schema.prisma", $"datasource db {{\n  url = env(\"SHOP_URL\")\n  directUrl = \"{Direct}\"\n}}");
        await WriteAsync(".env", $"SHOP_URL={url}\n");
        Directory.CreateDirectory(Path.Combine(folder, path));
        var pooled = DatabaseTargets.Parse(Pooled);

        var target = await DirectAddress.ForMigrationsAsync(pooled, Path.Combine(folder, path), _ => Path.Combine(folder, project), OperationEvents.None, CancellationToken.None);

        Assert.Equal((pooled.Host, pooled.Port), (target.Host, target.Port));
        Assert.Contains("directUrl of " + Path.Combine(folder, "prisma/schema.prisma") + " names a database shop too: postgres://app@db.example:5432/shop.", (await RefusalAsync(target)).Hint, StringComparison.Ordinal);
    }

    private static async Task<DbSafetyException> RefusalAsync(DatabaseTarget target)
    {
        var refusal = await Assert.ThrowsAsync<DbSafetyException>(() => target.OpenAsync(CancellationToken.None));
        Assert.True(refusal.Code == "DBS120", refusal.ToString());
        return refusal;
    }

    private async Task<string> WriteAsync(string name, string text)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text);
        return path;
    }
}
