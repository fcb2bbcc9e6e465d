using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations;
using DbSafety.Migrations.Sources;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Plain SQL files on databases in which a project's own script has recorded what it applied, in a table of any name.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class FileListTests(PgServer pg)
{
    [Theory]
    [InlineData("CREATE TABLE migrations (id serial, filename text, executed_at timestamptz); INSERT INTO migrations (filename) VALUES ('001_a.sql')", "--baseline \"001_a.sql\"")]
    [InlineData("CREATE TABLE _migrations (id serial, name varchar(200), applied_at timestamptz); INSERT INTO _migrations (name) VALUES ('001_a'), ('002_b')", "--baseline \"002_b.sql\"")]
    [InlineData("CREATE SCHEMA ops; CREATE TABLE ops.what_ran (script text, at timestamptz); INSERT INTO ops.what_ran VALUES ('db/migrations/002_b.sql')", "--applied \"002_b.sql\"")]
    [InlineData("CREATE DOMAIN word AS text; CREATE TABLE done (n word); INSERT INTO done VALUES (NULL), (repeat('x', 100000)), ('001_a.sql')", "--baseline \"001_a.sql\"")]
    [InlineData("CREATE TABLE schema_versions (version text, applied_at timestamptz); INSERT INTO schema_versions VALUES ('001'), ('2')", "--applied NAME")]
    [InlineData("CREATE TABLE db_version (version int); INSERT INTO db_version VALUES (2)", "--applied NAME")]
    public async Task Files_listed_in_a_table_of_an_unknown_tool_do_not_run_again(string table, string advice)
    {
        using var shop = await FolderAsync(table);

        var failure = await shop.FailsAsync(shop.Quick(), "DBS487");

        Assert.Contains(advice, failure.Hint, StringComparison.Ordinal);
        Assert.Equal(1, await shop.CountAsync("a"));
        await shop.ListAsync();
        Assert.Contains("looks like a migration history with pending files", shop.Events.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Suggested_baseline_runs_only_files_that_the_table_does_not_list()
    {
        using var shop = await FolderAsync("CREATE TABLE migrations (id serial, filename text); INSERT INTO migrations (filename) VALUES ('001_a.sql')");
        await new ResolveMigration().RunAsync(new MigrationResolveRequest(shop.Migrations, shop.Target, "001_a.sql", MigrationResolution.Baseline), shop.Events, CancellationToken.None);

        Assert.Equal("002_b.sql", Assert.Single((await shop.RunAsync(shop.Quick())).Applied));
    }

    [Fact]
    public async Task Table_that_is_not_a_migration_history_is_ignored_when_source_sql_is_specified()
    {
        using var shop = await FolderAsync("CREATE TABLE documents (id int, name text); INSERT INTO documents VALUES (1, '001_a.sql')");
        await shop.FailsAsync(shop.Quick(), "DBS487");

        Assert.Equal(["001_a.sql", "002_b.sql"], (await shop.RunAsync(shop.Quick() with { Source = MigrationSource.Sql })).Applied);
        Assert.Contains("public.documents lists 001_a.sql", shop.Events.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CREATE TABLE words (w text); INSERT INTO words VALUES ('a'), ('b'), ('1'), ('x 001_a.sql')")]
    [InlineData("CREATE TABLE app_version (id int, version text); INSERT INTO app_version VALUES (1, '1.4')")]
    [InlineData("CREATE TABLE versions (id serial, product text); INSERT INTO versions (product) VALUES ('x')")]
    [InlineData("CREATE TABLE migrations (id serial, filename text)")]
    public async Task Table_that_lists_none_of_the_files_does_not_stop_a_run(string table)
    {
        using var shop = await FolderAsync(table);
        Assert.Equal(2, (await shop.RunAsync(shop.Quick())).Applied.Count);
    }

    [Fact]
    public async Task Locked_or_row_level_security_tables_cause_no_wait_and_are_reported_if_they_may_be_a_migration_history()
    {
        var target = await pg.CreateDatabaseAsync("lists", "CREATE TABLE migrations (filename text); INSERT INTO migrations VALUES ('001_a.sql'); CREATE TABLE big (t text); CREATE TABLE _migrations (name text); INSERT INTO _migrations VALUES ('002_b'); ALTER TABLE _migrations ENABLE ROW LEVEL SECURITY; "
            + "CREATE FUNCTION never() RETURNS bool LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN true; END'; CREATE POLICY p ON _migrations USING (never());");
        var reader = target with { Username = $"reader_{target.Database}" };
        await PgServer.ExecuteAsync(target, $"CREATE ROLE {SqlName.Quote(reader.Username)} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {SqlName.Quote(reader.Username)}");
        await using var other = await target.OpenAsync(CancellationToken.None);
        await using var transaction = await other.BeginTransactionAsync();
        await other.ExecuteAsync("LOCK TABLE migrations, big IN ACCESS EXCLUSIVE MODE", CancellationToken.None);
        using var shop = Shop.At(reader).With("001_a.sql", "CREATE TABLE a (id int);").With("002_b.sql", "CREATE TABLE b (id int);");

        Assert.Equal("001_a.sql:Pending 002_b.sql:Pending", await shop.StatesAsync());

        Assert.Contains("public.migrations has the name of a migration history, but cannot be read: it is locked", shop.Events.Text, StringComparison.Ordinal);
        Assert.Contains("public._migrations has the name of a migration history, but cannot be read: row-level security", shop.Events.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("big", shop.Events.Text, StringComparison.Ordinal);
    }

    /// <summary>As a dump restores it without owners, and in a Supabase project itself.</summary>
    [Fact]
    public async Task Supabase_system_tables_are_not_a_migration_history_on_a_copy_without_owners()
    {
        using var shop = await FolderAsync(
            "CREATE SCHEMA auth; CREATE TABLE auth.users (id uuid, raw_app_meta_data jsonb); CREATE TABLE auth.refresh_tokens (id bigint, instance_id uuid); CREATE TABLE auth.schema_migrations (version varchar PRIMARY KEY); INSERT INTO auth.schema_migrations VALUES ('00'), ('001');"
            + "CREATE SCHEMA storage; CREATE TABLE storage.buckets (id text, public bool); CREATE TABLE storage.objects (id uuid, bucket_id text); CREATE TABLE storage.migrations (id int, name varchar, hash varchar, executed_at timestamp); INSERT INTO storage.migrations VALUES (1, '001_a', 'x', now()), (2, 'b', 'x', now());");

        Assert.Equal(2, (await shop.RunAsync(shop.Quick())).Applied.Count);
        Assert.DoesNotContain("auth.", shop.Events.Text, StringComparison.Ordinal);
    }

    private async Task<Shop> FolderAsync(string table) =>
        (await Shop.OpenAsync(pg, "CREATE TABLE a (id int); INSERT INTO a VALUES (1); " + table)).With("001_a.sql", "INSERT INTO a VALUES (1);").With("002_b.sql", "CREATE TABLE b (id int);");
}
