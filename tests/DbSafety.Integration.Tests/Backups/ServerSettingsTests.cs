using DbSafety.Backups;
using DbSafety.Backups.Retention;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Operations;
using DbSafety.Scratch;

namespace DbSafety.Integration.Tests.Backups;

[Collection(PgServerGroup.Name)]
public sealed class ServerSettingsTests(PgServer pg)
{
    [Fact]
    public async Task The_settings_of_a_server_and_its_pg_hba_conf_go_along_without_secrets()
    {
        await using var server = await ScratchServer.StartAsync(
            null, OperationEvents.None, CancellationToken.None,
            "work_mem=7MB", "search_path=a, public", "lock_timeout=9s", "archive_command=cp %p 'x' --token=geheim1", "primary_conninfo=host=h password=geheim2 user=r", "ssl_passphrase_command=echo geheim3");
        await File.AppendAllTextAsync(Path.Combine(server.DataFolder, "pg_hba.conf"), "host all all 10.0.0.0/8 ldap ldapserver=l ldapbinddn=\"b\" ldapbindpasswd=geheim4\nhost all all ::1/128 radius radiusservers=r radiussecrets=\"geheim5\"\n");
        await PgServer.ExecuteAsync(server.Target, "ALTER SYSTEM SET work_mem = '8MB'");
        using var folder = new TempFolder();
        var set = await BackUpAsync(server.Target, folder, new RecordedEvents());

        var settings = await ReadAsync(set, ".server.conf");
        Assert.Contains("\nwork_mem = '8MB'  # ", settings, StringComparison.Ordinal);
        Assert.Contains("postgresql.auto.conf:", settings, StringComparison.Ordinal);
        Assert.Contains("\nsearch_path = 'a, public'  # ", settings, StringComparison.Ordinal);
        Assert.Contains("\nlock_timeout = '9s'  # ", settings, StringComparison.Ordinal);
        Assert.Contains("\n#primary_conninfo = '***'  # ", settings, StringComparison.Ordinal);
        Assert.Contains("\n#ssl_passphrase_command = '***'  # ", settings, StringComparison.Ordinal);
        var rules = await ReadAsync(set, ".pg_hba.conf");
        Assert.Contains("\n#host all all 10.0.0.0/8 ldap ldapserver=l ldapbinddn=\"b\" ldapbindpasswd=***\n", rules, StringComparison.Ordinal);
        Assert.Contains("10.0.0.0/8", rules, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", settings + rules, StringComparison.Ordinal);
        Assert.Contains(set.Manifest.Findings, f => f.Contains("archive_command", StringComparison.Ordinal) && f.Contains("pg_hba.conf", StringComparison.Ordinal));

        // Each line is a valid setting or a comment: the server's own user reads a copy.
        var copy = Path.Combine(server.DataFolder, "copied.conf");
        await File.WriteAllTextAsync(copy, settings);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        await File.AppendAllTextAsync(Path.Combine(server.DataFolder, "postgresql.conf"), "include 'copied.conf'\n");
        Assert.Equal(0, await PgServer.ScalarAsync<long>(server.Target, "SELECT count(*) FROM pg_file_settings WHERE error LIKE '%syntax%' OR name IS NULL"));
        Assert.True(await PgServer.ScalarAsync<long>(server.Target, "SELECT count(*) FROM pg_file_settings WHERE sourcefile LIKE '%copied.conf'") > 5);
    }

    [Fact]
    public async Task They_are_hashed_and_removed_with_their_set()
    {
        var shop = await pg.CreateDatabaseAsync("settings", "CREATE TABLE t (id int)");
        using var folder = new TempFolder();
        var set = await BackUpAsync(shop, folder, new RecordedEvents());
        Assert.True((await new TestBackup().RunAsync(new BackupTestRequest(set.Path), OperationEvents.None, CancellationToken.None)).Passed);
        var file = Directory.GetFiles(folder.Path, "*.pg_hba.conf").Single();
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));

        var text = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, text.Replace("all", "alL", StringComparison.Ordinal));
        Assert.Contains((await new TestBackup().RunAsync(new BackupTestRequest(set.Path), OperationEvents.None, CancellationToken.None)).Problems, p => p.Contains(".pg_hba.conf was changed", StringComparison.Ordinal));
        await File.WriteAllTextAsync(file, text);
        Assert.True((await new TestBackup().RunAsync(new BackupTestRequest(set.Path), OperationEvents.None, CancellationToken.None)).Passed);
        await BackUpAsync(shop, folder, new RecordedEvents());
        var request = new RetentionRequest(folder.Path, new RetentionPolicy { KeepLast = 1 });
        await new RemoveBackups { Retention = request }.RunAsync(await new PlanRetention().RunAsync(request, OperationEvents.None, CancellationToken.None), OperationEvents.None, CancellationToken.None);
        Assert.False(File.Exists(file));
        Assert.Single(Directory.GetFiles(folder.Path, "*.pg_hba.conf"));
    }

    [Fact]
    public async Task A_role_that_cannot_read_the_files_gets_what_every_role_can_see_and_a_warning()
    {
        var role = "limited" + Guid.NewGuid().ToString("N")[..6];
        var shop = await pg.CreateDatabaseAsync("settings", $"CREATE ROLE {role} LOGIN; CREATE TABLE t (id int); ALTER TABLE t OWNER TO {role}");
        using var folder = new TempFolder();
        var events = new RecordedEvents();
        var set = await BackUpAsync(shop with { Username = role }, folder, events);
        Assert.Contains("\nmax_wal_size = '512MB'  # ", await ReadAsync(set, ".server.conf"), StringComparison.Ordinal);
        Assert.Contains("Warning: pg_hba.conf could not be backed up: permission denied", events.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(set.Manifest.Files, f => f.Path.EndsWith(".pg_hba.conf", StringComparison.Ordinal));
    }

    private static Task<PgBackup> BackUpAsync(DatabaseTarget target, TempFolder folder, RecordedEvents events) =>
        new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { IncludeServerSettings = true }, events, CancellationToken.None);

    private static Task<string> ReadAsync(PgBackup set, string ending) => File.ReadAllTextAsync(Path.ChangeExtension(set.Path, null) + ending);
}
