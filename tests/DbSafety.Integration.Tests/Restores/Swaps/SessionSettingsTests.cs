using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Scratch;

namespace DbSafety.Integration.Tests.Restores.Swaps;

[Collection(RestoreServerGroup.Name)]
public sealed class SessionSettingsTests(PgServer pg)
{
    /// <summary>What roles and databases are given, and what breaks a restore that follows it.</summary>
    private static readonly string[] Hostile =
    [
        "statement_timeout = '3s'", "lock_timeout = '1ms'", "idle_in_transaction_session_timeout = '1ms'", "idle_session_timeout = '3s'",
        "default_transaction_read_only = on", "default_transaction_isolation = 'serializable'", "default_transaction_deferrable = on", "synchronous_commit = off",
        "search_path = hidden, pg_catalog", "row_security = on", "client_min_messages = error", "\"DateStyle\" = 'SQL, DMY'", "\"IntervalStyle\" = 'sql_standard'", "bytea_output = escape",
        "extra_float_digits = -10", "quote_all_identifiers = on",
    ];

    [Fact]
    public async Task Internal_sessions_ignore_role_settings_and_script_sessions_use_the_settings_that_scripts_depend_on()
    {
        var target = await HostileAsync("role");

        await using var own = await target.OpenAsync(CancellationToken.None);
        await using var scripts = await target.OpenForScriptsAsync("test", CancellationToken.None);

        Assert.Equal("0|0|0|0|off|read committed|off|on|public|off|notice|ISO, MDY|postgres|hex|3|off", await SettingsAsync(own));
        Assert.Equal("0|0|0|0|off|read committed|off|on|hidden, pg_catalog|on|error|SQL, DMY|sql_standard|escape|-10|on", await SettingsAsync(scripts));
    }

    [Fact]
    public async Task A_stricter_synchronous_commit_setting_is_preserved()
    {
        var target = await pg.CreateDatabaseAsync("sync");
        await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {target.Database} SET synchronous_commit = remote_apply");
        await using var own = await target.OpenAsync(CancellationToken.None);
        Assert.Equal("remote_apply", await own.ScalarAsync<string>("SHOW synchronous_commit", CancellationToken.None));
    }

    [Fact]
    public async Task Internal_sessions_use_the_login_role_if_ALTER_ROLE_sets_another_role()
    {
        var (lesser, login) = (await RoleAsync("NOLOGIN"), await RoleAsync("LOGIN SUPERUSER"));
        await PgServer.ExecuteAsync(pg.Target, $"ALTER ROLE {login} SET role = {lesser}");

        await using var own = await (pg.Target with { Username = login }).OpenAsync(CancellationToken.None);
        await using var scripts = await (pg.Target with { Username = login }).OpenForScriptsAsync("test", CancellationToken.None);
        await using var asked = await (pg.Target with { Username = login, Options = $"-c role={lesser}" }).OpenAsync(CancellationToken.None);

        Assert.Equal(login, await own.ScalarAsync<string>("SELECT current_user::text", CancellationToken.None));
        Assert.Equal(lesser, await scripts.ScalarAsync<string>("SELECT current_user::text", CancellationToken.None));
        Assert.Equal(lesser, await asked.ScalarAsync<string>("SELECT current_user::text", CancellationToken.None));
    }

    [Theory]
    [InlineData("SUPERUSER", BackupFormat.Plain)]
    [InlineData("SUPERUSER", BackupFormat.Custom)]
    [InlineData("NOINHERIT", BackupFormat.Plain)]
    [InlineData("NOINHERIT", BackupFormat.Custom)]
    public async Task A_restore_succeeds_if_ALTER_ROLE_sets_another_role(string attributes, BackupFormat format)
    {
        var (owner, login) = (await RoleAsync("NOLOGIN CREATEDB"), await RoleAsync("LOGIN " + attributes));
        var target = await pg.CreateDatabaseAsync("setrole", $"CREATE TABLE t (id int); INSERT INTO t VALUES (1); ALTER TABLE t OWNER TO {owner}");
        foreach (var sql in new[] { $"ALTER DATABASE {target.Database} OWNER TO {owner}", $"GRANT {owner} TO {login}", $"ALTER ROLE {login} SET role = {owner}" })
            await PgServer.ExecuteAsync(pg.Target, sql);
        target = target with { Username = login };
        using var folder = new TempFolder();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = format }, new RecordedEvents(), CancellationToken.None);

        Assert.True((await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target), new RecordedEvents(), CancellationToken.None)).Verified);
        Assert.Equal(1, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM t"));
    }

    [Theory]
    [InlineData("role", BackupFormat.Custom)]
    [InlineData("database", BackupFormat.Custom)]
    [InlineData("role", BackupFormat.Plain)]
    [InlineData("database", BackupFormat.Plain)]
    public async Task Backup_restore_and_undo_succeed_despite_restrictive_role_or_database_settings(string where, BackupFormat format)
    {
        var target = await HostileAsync(where);
        using var folder = new TempFolder();

        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Checksum = true, Format = format }, new RecordedEvents(), CancellationToken.None);
        await PgServer.ExecuteAsync(target, "INSERT INTO public.t SELECT 5, 'x', now(), '1 day', 1.5");
        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target), new RecordedEvents(), CancellationToken.None);
        Assert.True(restore.Verified);
        Assert.DoesNotContain(restore.Notes, n => n.Contains("hash", StringComparison.Ordinal));
        Assert.Equal(1, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM public.t"));

        var undo = await new UndoRestore().RunAsync(new UndoRestoreRequest(target), new RecordedEvents(), CancellationToken.None);
        Assert.Equal((1, 2), (undo.Tables, undo.Rows));
    }

    [Fact]
    public async Task A_read_only_server_is_refused_before_the_restore_starts()
    {
        await using var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        using var folder = new TempFolder();
        await PgServer.ExecuteAsync(server.Target, "CREATE DATABASE shop");
        var target = server.Target.On("shop");
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None);
        await PgServer.ExecuteAsync(server.Target, "ALTER SYSTEM SET default_transaction_read_only = on");
        await PgServer.ExecuteAsync(server.Target, "SELECT pg_reload_conf()");

        await RefusedAsync(backup, target, "default_transaction_read_only");

        await File.WriteAllTextAsync(Path.Combine(server.DataFolder, "standby.signal"), "");
        await server.StopImmediatelyAsync(CancellationToken.None);
        await server.StartAgainAsync(CancellationToken.None);
        await RefusedAsync(backup, target, "standby");
    }

    private static async Task RefusedAsync(PgBackup backup, DatabaseTarget target, string why)
    {
        foreach (var whatIf in new[] { true, false })
        {
            var error = await Assert.ThrowsAsync<DbSafetyException>(
                () => new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target) { WhatIf = whatIf }, new RecordedEvents(), CancellationToken.None));
            Assert.Equal(("DBS333", 3), (error.Code, error.ExitCode));
            Assert.Contains(why, error.Message, StringComparison.Ordinal);
        }

        Assert.Equal("DBS333", (await Assert.ThrowsAsync<DbSafetyException>(() => new UndoRestore().RunAsync(new UndoRestoreRequest(target), new RecordedEvents(), CancellationToken.None))).Code);
    }

    private static Task<string?> SettingsAsync(Npgsql.NpgsqlConnection connection) => connection.ScalarAsync<string>(
        $"SELECT pg_catalog.concat_ws('|', {string.Join(", ", Hostile.Select(h => $"pg_catalog.current_setting('{h.Split(" = ")[0].Trim('"')}')"))})", CancellationToken.None);

    private async Task<string> RoleAsync(string attributes)
    {
        var role = "set_" + Guid.NewGuid().ToString("N")[..6];
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {role} {attributes}");
        return role;
    }

    /// <summary>A database with functions that hide PostgreSQL's own, where the role or the database has settings that break what follows them.</summary>
    private async Task<DatabaseTarget> HostileAsync(string where)
    {
        var role = await RoleAsync("LOGIN CREATEDB");
        var target = await pg.CreateDatabaseAsync("hostile", """
            CREATE SCHEMA hidden; CREATE FUNCTION hidden.format_type(oid, integer) RETURNS text LANGUAGE sql AS $$ SELECT 'wrong' $$;
            CREATE TABLE t (id int, name text, at timestamptz, during interval, amount float8); INSERT INTO t VALUES (1, 'one', '2026-02-03 04:05:06Z', '1 mon 2 days', 0.1);
            """);
        await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {target.Database} OWNER TO {role}");
        await PgServer.ExecuteAsync(target, $"ALTER TABLE t OWNER TO {role}; ALTER SCHEMA hidden OWNER TO {role}; GRANT ALL ON SCHEMA public TO {role}; ALTER FUNCTION hidden.format_type OWNER TO {role}");
        foreach (var setting in Hostile)
            await PgServer.ExecuteAsync(pg.Target, where == "role" ? $"ALTER ROLE {role} SET {setting}" : $"ALTER DATABASE {target.Database} SET {setting}");
        return target with { Username = role };
    }
}
