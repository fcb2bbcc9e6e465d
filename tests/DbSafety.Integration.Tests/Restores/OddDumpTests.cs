using System.Formats.Tar;
using System.IO.Compression;
using DbSafety.Backups;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>Dumps that psql and pg_restore restore, and that differ from what pg_dump of this version writes.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class OddDumpTests(PgServer pg)
{
    private const string Notes = "CREATE TABLE notes (id int PRIMARY KEY, text text); INSERT INTO notes VALUES (1, 'a'), (2, 'b');";

    [Fact]
    public async Task A_plain_set_with_a_tablespace_is_restored()
    {
        var target = await pg.CreateDatabaseAsync("spaced", Notes);
        using var folder = new TempFolder();
        await using (var connection = await target.OpenAsync(CancellationToken.None))
        {
            foreach (var sql in new[] { "SET allow_in_place_tablespaces = on", "CREATE TABLESPACE \"fast disk\" LOCATION ''", "ALTER TABLE notes SET TABLESPACE \"fast disk\"" })
                await connection.ExecuteAsync(sql, CancellationToken.None);
        }

        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = BackupFormat.Plain }, new RecordedEvents(), CancellationToken.None);

        Assert.DoesNotContain(backup.Manifest.Roles, r => r.Contains("Tablespace", StringComparison.Ordinal));
        Assert.True((await RestoreAsync(backup.Path, target)).Verified);
    }

    [Fact]
    public async Task A_plain_dump_with_old_or_edited_headers_is_restored()
    {
        var target = await pg.CreateDatabaseAsync("oldhead", Notes);
        using var folder = new TempFolder();
        var path = await ForeignDumps.MakeAsync("plain", target, folder.Path);
        var text = await File.ReadAllTextAsync(path);
        // As pg_dump 9 ended each table's header, and with an owner that nothing but a comment names.
        text = text.Replace($"; Owner: {target.Username}\n", "; Owner: nobody here; Tablespace: \n", StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, text + "  \n/* the end */\n   ");

        Assert.True((await BackupTests.Test(path)).Passed);
        Assert.True((await RestoreAsync(path, target)).Verified);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--use-set-session-authorization")]
    public async Task A_plain_dump_with_missing_roles_is_restored_without_owners(string argument)
    {
        var role = "gone_" + Guid.NewGuid().ToString("N")[..6];
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {role}");
        var source = await pg.CreateDatabaseAsync("owners", Notes + $"ALTER TABLE notes OWNER TO {role}; GRANT SELECT ON notes TO {role}; CREATE SCHEMA theirs AUTHORIZATION {role}; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {role};");
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "owners.sql");
        await ForeignDumps.RunAsync("pg_dump", source, ["--file=" + path, .. argument.Length > 0 ? [argument] : Array.Empty<string>()]);
        await PgServer.ExecuteAsync(source, $"DROP OWNED BY {role} CASCADE; DROP ROLE {role}");
        var target = source.On(source.Database + "_new");

        var missing = await Assert.ThrowsAsync<DbSafetyException>(() => RestoreAsync(path, target));
        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(path, target) { Options = new RestoreOptions { NoOwner = true } }, new RecordedEvents(), CancellationToken.None);

        Assert.Equal("DBS302", missing.Code);
        Assert.Contains(role, missing.Message, StringComparison.Ordinal);
        Assert.True(restore.Verified);
        Assert.Equal(target.Username, await PgServer.ScalarAsync<string>(target, "SELECT tableowner::text FROM pg_tables WHERE tablename = 'notes'"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_setting_of_a_newer_pg_dump_is_skipped_and_reported(bool newerServer)
    {
        var target = await pg.CreateDatabaseAsync("newer", Notes);
        using var folder = new TempFolder();
        var path = await ForeignDumps.MakeAsync("plain", target, folder.Path);
        var text = (await File.ReadAllTextAsync(path)).Replace("SET lock_timeout = 0;\n", "SET lock_timeout = 0;\nSET transaction_timeout = 0;\n", StringComparison.Ordinal);
        if (newerServer)
            text = text.Replace("-- Dumped from database version 15", "-- Dumped from database version 17", StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, text);

        var restore = await RestoreAsync(path, target);

        Assert.True(restore.Verified);
        Assert.Contains("SET transaction_timeout was left out: PostgreSQL 15 does not have this setting", restore.Notes);
        Assert.Equal(newerServer, restore.Notes.Any(n => n.StartsWith("the dump is from PostgreSQL 17, newer", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("plain", "backup.tar")]
    [InlineData("plain in gzip", "discourse.tar.gz")]
    [InlineData("custom", "backup.tar.gz")]
    [InlineData("tar", "backup.tar")]
    public async Task A_dump_inside_a_tar_archive_is_tested_and_restored(string shape, string name)
    {
        var target = await pg.CreateDatabaseAsync("packed", SampleSql.Shop);
        using var folder = new TempFolder();
        var path = Pack(Path.Combine(folder.Path, name), await ForeignDumps.MakeAsync(shape, target, folder.Path));
        await PgServer.ExecuteAsync(target, "DELETE FROM orders");

        var test = await BackupTests.Test(path);
        var restore = await RestoreAsync(path, target);

        Assert.True(test.Passed, string.Join("; ", test.Problems));
        Assert.Contains(test.NotProven, n => n.StartsWith("the other files of the archive", StringComparison.Ordinal));
        Assert.True(restore.Verified);
        Assert.Equal(500, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM orders"));
    }

    [Fact]
    public async Task A_tar_archive_with_several_dumps_a_directory_dump_or_no_dump_is_reported()
    {
        var target = await pg.CreateDatabaseAsync("several", Notes);
        using var folder = new TempFolder();
        var (plain, custom, directory) = (await ForeignDumps.MakeAsync("plain in gzip", target, folder.Path), await ForeignDumps.MakeAsync("custom", target, folder.Path), await ForeignDumps.MakeAsync("directory", target, folder.Path));
        var several = Pack(Path.Combine(folder.Path, "two.tar.gz"), plain, custom);
        var folders = Path.Combine(folder.Path, "folder.tar");
        TarFile.CreateFromDirectory(directory, folders, includeBaseDirectory: true);
        var none = Pack(Path.Combine(folder.Path, "none.tar"));

        var two = await Assert.ThrowsAsync<DbSafetyException>(() => BackupTests.Test(several));
        var unpacked = await Assert.ThrowsAsync<DbSafetyException>(() => RestoreAsync(folders, target));
        var damaged = await BackupTests.Test(none);

        Assert.Equal(("DBS231", 2), (two.Code, two.ExitCode));
        Assert.Contains("db/shop.sql.gz, db/shop.dump", two.Message, StringComparison.Ordinal);
        Assert.Equal("DBS232", unpacked.Code);
        Assert.Equal(["it is a tar archive, and none of its 2 files is a dump of PostgreSQL"], damaged.Problems);
    }

    [Fact]
    public async Task A_truncated_tar_archive_is_reported_as_damaged()
    {
        var target = await pg.CreateDatabaseAsync("cuttar", SampleSql.Shop);
        using var folder = new TempFolder();
        foreach (var name in new[] { "b.tar", "b.tar.gz" })
        {
            var path = Pack(Path.Combine(folder.Path, name), await ForeignDumps.MakeAsync("plain", target, folder.Path));
            var whole = await File.ReadAllBytesAsync(path);
            await File.WriteAllBytesAsync(path, whole[..(whole.Length / 2)]);
            Assert.False((await BackupTests.Test(path)).Passed, name);
        }
    }

    [Theory]
    [InlineData("gpg", "--batch --pinentry-mode loopback --passphrase x --symmetric --output {0}.enc {0}", "gpg --output DUMP --decrypt")]
    [InlineData("gpg", "--batch --pinentry-mode loopback --passphrase x --armor --symmetric --output {0}.enc {0}", "gpg --output DUMP --decrypt")]
    [InlineData("openssl", "enc -aes-256-cbc -pbkdf2 -k x -in {0} -out {0}.enc", "openssl enc -d -aes-256-cbc -pbkdf2 -in")]
    [InlineData("openssl", "enc -aes-256-cbc -pbkdf2 -a -k x -in {0} -out {0}.enc", "openssl enc -d -a -aes-256-cbc")]
    public async Task An_encrypted_dump_is_reported_with_the_command_that_decrypts_it(string program, string arguments, string command)
    {
        var target = await pg.CreateDatabaseAsync("secret", Notes);
        using var folder = new TempFolder();
        var path = await ForeignDumps.MakeAsync("plain", target, folder.Path);
        var home = Directory.CreateDirectory(Path.Combine(folder.Path, "g"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        (await ToolProcess.RunAsync(
            new ToolCommand(program, [.. arguments.Split(' ').Select(a => a.Replace("{0}", path, StringComparison.Ordinal))]) { Environment = new Dictionary<string, string?> { ["GNUPGHOME"] = home } },
            CancellationToken.None)).OrThrow();

        var test = await Assert.ThrowsAsync<DbSafetyException>(() => BackupTests.Test(path + ".enc"));
        var restore = await Assert.ThrowsAsync<DbSafetyException>(() => RestoreAsync(path + ".enc", target));

        Assert.Equal(("DBS230", "DBS230"), (test.Code, restore.Code));
        Assert.Contains(command, test.Hint, StringComparison.Ordinal);
    }

    private static string Pack(string path, params string[] dumps)
    {
        using Stream file = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(File.Create(path), CompressionLevel.Fastest) : File.Create(path);
        using var tar = new TarWriter(file);
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "backup_information.yml") { DataStream = new MemoryStream("version: 1\n"u8.ToArray()) });
        foreach (var dump in dumps)
            tar.WriteEntry(dump, "db/" + Path.GetFileName(dump));
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "uploads/photo.zip") { DataStream = new MemoryStream("PK\x03\x04 not read"u8.ToArray()) });
        return path;
    }

    private static Task<PgRestore> RestoreAsync(string path, DatabaseTarget target) =>
        new RestoreDatabase().RunAsync(new RestoreRequest(path, target) { AllowOtherDatabase = true }, new RecordedEvents(), CancellationToken.None);
}
