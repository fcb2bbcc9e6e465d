using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Restores;

[Collection(RestoreServerGroup.Name)]
public sealed class GlobalsTests(PgServer pg)
{
    [Fact]
    public async Task Missing_roles_of_the_set_are_created_with_memberships_and_settings_and_without_passwords()
    {
        var (owner, app, team, other) = (Name("owner"), Name("App \"1\" é"), Name("team"), Name("other"));
        await PgServer.ExecuteAsync(pg.Target, $"""
            CREATE ROLE {Q(owner)} CREATEDB; CREATE ROLE {Q(app)} LOGIN PASSWORD 'geheim' CONNECTION LIMIT 7; CREATE ROLE {Q(team)}; CREATE ROLE {Q(other)};
            GRANT {Q(owner)} TO {Q(app)} WITH ADMIN OPTION; GRANT {Q(team)} TO {Q(owner)}; ALTER ROLE {Q(app)} SET work_mem = '9MB'; COMMENT ON ROLE {Q(app)} IS 'the app';
            """);
        var source = await pg.CreateDatabaseAsync("globals", $"CREATE TABLE t (id int); ALTER TABLE t OWNER TO {Q(owner)}");
        using var folder = new TempFolder();
        var backup = await BackupAsync(source, folder);
        // The team stays, and is somebody else's by now.
        await PgServer.ExecuteAsync(source, $"ALTER ROLE {Q(team)} CONNECTION LIMIT 3; DROP OWNED BY {Q(owner)}; DROP ROLE {Q(owner)}, {Q(app)}, {Q(other)}");
        var target = pg.Target.On(source.Database + "_g");

        Assert.Equal("DBS302", (await Assert.ThrowsAsync<DbSafetyException>(() => RestoreAsync(backup, target, globals: false))).Code);
        var tried = await RestoreAsync(backup, target, globals: true, whatIf: true);
        Assert.Equal(0, await RolesAsync(owner, app));
        var restore = await RestoreAsync(backup, target, globals: true);

        Assert.True(restore.Verified);
        Assert.Contains(tried.Notes, n => n.StartsWith("would create the roles", StringComparison.Ordinal));
        Assert.Contains(restore.Notes, n => n.StartsWith("created the roles", StringComparison.Ordinal) && n.Contains(app, StringComparison.Ordinal) && !n.Contains(team, StringComparison.Ordinal));
        Assert.Contains(restore.Notes, n => n.Contains($"{app} can log in, but has no password", StringComparison.Ordinal));
        Assert.Equal(owner, await PgServer.ScalarAsync<string>(target, "SELECT tableowner::text FROM pg_tables WHERE tablename = 't'"));
        Assert.Equal((2, 0), (await RolesAsync(owner, app), await RolesAsync(other)));
        Assert.Equal("7 {work_mem=9MB} the app true", await PgServer.ScalarAsync<string>(pg.Target, $"""
            SELECT concat_ws(' ', a.rolconnlimit, s.setconfig, shobj_description(a.oid, 'pg_authid'), (a.rolpassword IS NULL)::text)
            FROM pg_authid a JOIN pg_db_role_setting s ON s.setrole = a.oid WHERE a.rolname = {SqlName.Literal(app)}
            """));
        Assert.True(await PgServer.ScalarAsync<bool>(pg.Target, $"SELECT pg_has_role({SqlName.Literal(app)}, {SqlName.Literal(owner)}, 'USAGE WITH ADMIN OPTION') AND pg_has_role({SqlName.Literal(owner)}, {SqlName.Literal(team)}, 'USAGE')"));
        Assert.Equal(3, await PgServer.ScalarAsync<int>(pg.Target, $"SELECT rolconnlimit FROM pg_roles WHERE rolname = {SqlName.Literal(team)}"));
    }

    [Fact]
    public async Task Creating_missing_roles_requires_CREATEROLE_but_not_superuser()
    {
        var (gone, limited) = (Name("gone"), Name("limited"));
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {Q(gone)}; CREATE ROLE {Q(limited)} LOGIN CREATEDB");
        var source = await pg.CreateDatabaseAsync("limited", $"CREATE TABLE t (id int); GRANT SELECT ON t TO {Q(gone)}; ALTER TABLE t OWNER TO {Q(limited)}");
        await PgServer.ExecuteAsync(source, $"ALTER DATABASE {Q(source.Database)} OWNER TO {Q(limited)}");
        using var folder = new TempFolder();
        var backup = await BackupAsync(source, folder);
        await PgServer.ExecuteAsync(source, $"DROP OWNED BY {Q(gone)}; DROP ROLE {Q(gone)}");
        var target = source.On(source.Database + "_l") with { Username = limited };

        var refused = await Assert.ThrowsAsync<DbSafetyException>(() => RestoreAsync(backup, target, globals: true));
        Assert.Equal(("DBS323", 3, 0), (refused.Code, refused.ExitCode, await RolesAsync(gone)));
        await PgServer.ExecuteAsync(pg.Target, $"ALTER ROLE {Q(limited)} CREATEROLE");
        Assert.True((await RestoreAsync(backup, target, globals: true)).Verified);
        Assert.True(await PgServer.ScalarAsync<bool>(target, $"SELECT has_table_privilege({SqlName.Literal(gone)}, 't', 'SELECT')"));
    }

    [Fact]
    public async Task A_set_without_a_globals_file_cannot_create_roles()
    {
        var source = await pg.CreateDatabaseAsync("noglobals", SampleSql.Shop);
        using var folder = new TempFolder();
        var dump = Path.Combine(folder.Path, "own.sql");
        await File.WriteAllTextAsync(dump, "CREATE TABLE t (id int);\n");
        var error = await Assert.ThrowsAsync<DbSafetyException>(() => new RestoreDatabase().RunAsync(new RestoreRequest(dump, source) { Globals = true }, new RecordedEvents(), CancellationToken.None));
        Assert.Equal(("DBS322", 2), (error.Code, error.ExitCode));
    }

    private static string Name(string name) => name + Guid.NewGuid().ToString("N")[..6];

    private static string Q(string name) => SqlName.Quote(name);

    private Task<int> RolesAsync(params string[] roles) =>
        PgServer.ScalarAsync<int>(pg.Target, $"SELECT count(*)::int FROM pg_roles WHERE rolname IN ({string.Join(", ", roles.Select(SqlName.Literal))})")!;

    private static Task<PgBackup> BackupAsync(DatabaseTarget target, TempFolder folder) =>
        new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None);

    private static Task<PgRestore> RestoreAsync(PgBackup backup, DatabaseTarget target, bool globals, bool whatIf = false) =>
        new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target) { Globals = globals, WhatIf = whatIf }, new RecordedEvents(), CancellationToken.None);
}
