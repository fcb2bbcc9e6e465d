using DbSafety.Backups;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>Privileges that a role granted because others had granted them to it.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class DelegatedGrantTests(PgServer pg)
{
    /// <summary>So many that pg_restore with --jobs grants one of them too early.</summary>
    private const int Schemas = 25;

    private const string Privileges = "SELECT string_agg(coalesce(c.relacl::text, '') || coalesce(a.attacl::text, ''), ' ' ORDER BY c.oid) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'a' WHERE c.relname = 't'";

    [Theory]
    [InlineData(BackupFormat.Custom)]
    [InlineData(BackupFormat.Directory)]
    public async Task Privileges_of_a_set_are_restored_in_grant_order(BackupFormat format)
    {
        var (source, _) = await DelegatedAsync();
        using var folder = new TempFolder();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path) { Format = format }, new RecordedEvents(), CancellationToken.None);

        await RestoresAsync(backup.Path, source, new RestoreOptions());
    }

    [Theory]
    [InlineData("custom")]
    [InlineData("directory")]
    [InlineData("tar")]
    public async Task Privileges_of_a_foreign_archive_are_restored_in_grant_order(string shape)
    {
        var (source, _) = await DelegatedAsync();
        using var folder = new TempFolder();

        await RestoresAsync(await ForeignDumps.MakeAsync(shape, source, folder.Path), source, new RestoreOptions());
    }

    [Fact]
    public async Task A_role_that_grants_its_granted_privileges_to_other_roles_is_mapped()
    {
        var (source, role) = await DelegatedAsync("CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE USER MAPPING FOR {0} SERVER s; CREATE POLICY p ON s1.t FOR INSERT TO {0};");
        using var folder = new TempFolder();
        var paths = new[] { (await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path), new RecordedEvents(), CancellationToken.None)).Path, await ForeignDumps.MakeAsync("custom", source, folder.Path) };
        var expected = await PgServer.ScalarAsync<string>(source, Privileges);
        await PgServer.ExecuteAsync(source, $"DROP OWNED BY {role} CASCADE; DROP ROLE {role}");
        var other = Role("other");
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {other}");
        foreach (var path in paths)
        {
            var target = pg.Target.On(Role("mapped"));
            Assert.True((await RestoreAsync(path, target, new RestoreOptions { RoleMap = new Dictionary<string, string> { [role] = other } })).Verified);
            Assert.Equal(expected.Replace(role, other, StringComparison.Ordinal), await PgServer.ScalarAsync<string>(target, Privileges));
            Assert.Equal($"{other} {other}", await PgServer.ScalarAsync<string>(target, "SELECT (SELECT usename FROM pg_user_mappings) || ' ' || (SELECT polroles[1]::regrole FROM pg_policy)"));
        }
    }

    [Fact]
    public async Task A_table_owner_without_the_INSERT_privilege_restores_the_table()
    {
        var role = Role("auditor");
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {role} LOGIN CREATEDB");
        var source = await pg.CreateDatabaseAsync("revoked", $"CREATE TABLE audit (id int); INSERT INTO audit VALUES (1); ALTER TABLE audit OWNER TO {role}; REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit FROM {role}");
        using var folder = new TempFolder();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path), new RecordedEvents(), CancellationToken.None);
        var target = (pg.Target with { Username = role }).On(source.Database + "_new");

        Assert.True((await RestoreAsync(backup.Path, target, new RestoreOptions { RoleMap = new Dictionary<string, string> { [pg.Target.Username] = role } })).Verified);

        Assert.False(await PgServer.ScalarAsync<bool>(target, $"SELECT has_table_privilege('{role}', 'audit', 'INSERT')"));
    }

    private async Task<(DatabaseTarget Source, string Role)> DelegatedAsync(string more = "")
    {
        var role = Role("rd");
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {role}");
        var schemas = Enumerable.Range(1, Schemas).Select(i => $"""
            CREATE SCHEMA s{i}; CREATE TABLE s{i}.t (a int, b int); GRANT USAGE ON SCHEMA s{i} TO {role}; GRANT SELECT (a), INSERT (a) ON s{i}.t TO {role} WITH GRANT OPTION;
            SET SESSION AUTHORIZATION {role}; GRANT SELECT (a) ON s{i}.t TO PUBLIC; RESET SESSION AUTHORIZATION;
            """);
        var source = await pg.CreateDatabaseAsync("delegated", string.Concat(schemas) + string.Format(System.Globalization.CultureInfo.InvariantCulture, more, role));
        return (source, role);
    }

    private static async Task RestoresAsync(string path, DatabaseTarget source, RestoreOptions options)
    {
        var target = source.On(Role("granted"));
        Assert.True((await RestoreAsync(path, target, options)).Verified);
        Assert.Equal(await PgServer.ScalarAsync<string>(source, Privileges), await PgServer.ScalarAsync<string>(target, Privileges));
    }

    private static string Role(string name) => name + Guid.NewGuid().ToString("N")[..6];

    private static Task<PgRestore> RestoreAsync(string path, DatabaseTarget target, RestoreOptions options) =>
        new RestoreDatabase().RunAsync(new RestoreRequest(path, target) { Options = options }, new RecordedEvents(), CancellationToken.None);
}
