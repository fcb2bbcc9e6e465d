using DbSafety.Backups;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Errors;
using DbSafety.Restores;

namespace DbSafety.Integration.Tests.Backups;

/// <summary>A set restored on a throwaway server: the only proof that it can be.</summary>
[Collection(PgServerGroup.Name)]
public sealed class DrillTests(PgServer pg)
{
    [Theory]
    [InlineData(BackupFormat.Custom)]
    [InlineData(BackupFormat.Plain)]
    [InlineData(BackupFormat.Directory)]
    [Hazard("H6")]
    public async Task A_backup_is_restored_with_its_roles_and_compared_and_nothing_remains(BackupFormat format)
    {
        var role = $"drill_{Guid.NewGuid():N}";
        var source = await pg.CreateDatabaseAsync("drill", SampleSql.Shop);
        await PgServer.ExecuteAsync(source, $"CREATE ROLE {role}; ALTER TABLE orders OWNER TO {role}; GRANT CREATE ON SCHEMA public TO {role}");
        using var folder = new TempFolder();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path) { Format = format, Checksum = true }, new RecordedEvents(), CancellationToken.None);
        var before = await DatabasesAsync();

        var test = await DrillAsync(backup.Path);

        Assert.True(test.Passed, string.Join("; ", test.Problems));
        Assert.Contains("temporary", test.DrilledOn, StringComparison.Ordinal);
        Assert.True(test.DrillDuration > TimeSpan.Zero);
        Assert.Contains(test.Notes, n => n.Contains(role, StringComparison.Ordinal));
        Assert.Equal(before, await DatabasesAsync());
    }

    /// <summary>Whole in every byte, and still of no use: what it needs is not in it.</summary>
    [Fact]
    public async Task A_readable_dump_that_cannot_be_restored_fails_the_drill_with_exit_code_4()
    {
        using var folder = new TempFolder();
        var dump = Path.Combine(folder.Path, "by-hand.sql");
        await File.WriteAllTextAsync(dump, """
            --
            -- PostgreSQL database dump
            --
            SET client_encoding = 'UTF8';
            CREATE TABLE public.t (id integer, kind public.mood);
            COPY public.t (id, kind) FROM stdin;
            1	happy
            \.
            --
            -- PostgreSQL database dump complete
            --

            """);
        Assert.Equal(0, (await Dbsafety.RunAsync("backup", "test", dump)).ExitCode);

        var result = await Dbsafety.RunAsync("backup", "test", dump, "--drill");

        Assert.Equal(4, result.ExitCode);
        Assert.Contains("DOES NOT RESTORE: ", result.Output, StringComparison.Ordinal);
        Assert.Contains("type \"public.mood\" does not exist", result.Output, StringComparison.Ordinal);
    }

    /// <summary>A socket's path has room for 107 bytes; libpam-tmpdir gives root a temporary folder that the server's user cannot enter.</summary>
    [Theory]
    [InlineData("long", "a folder with a long name, as build machines have them, which leaves no room for a socket's path below it")]
    [InlineData("private", "root's alone")]
    public async Task A_temporary_folder_that_a_server_cannot_use_does_not_fail_a_drill(string kind, string name)
    {
        using var folder = new TempFolder();
        var temporary = Directory.CreateDirectory(Path.Combine(folder.Path, name), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        if (kind == "long")
            File.SetUnixFileMode(temporary, (UnixFileMode)0b111_111_111);
        var dump = Path.Combine(folder.Path, "by-hand.sql");
        await File.WriteAllTextAsync(dump, "--\n-- PostgreSQL database dump\n--\nCREATE TABLE public.t (id integer);\n--\n-- PostgreSQL database dump complete\n--\n");

        var result = await Dbsafety.RunAsync(new Dictionary<string, string?> { ["TMPDIR"] = temporary }, "backup", "test", dump, "--drill");

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
    }

    [Fact]
    public async Task Objects_missing_on_the_temporary_server_are_not_reported_as_damage_of_the_backup()
    {
        using var folder = new TempFolder();
        var dump = Path.Combine(folder.Path, "by-hand.sql");
        await File.WriteAllTextAsync(dump, Script("CREATE EXTENSION nobody_has_it;"));
        Assert.Equal("DBS303", (await Assert.ThrowsAsync<DbSafetyException>(() => DrillAsync(dump))).Code);
        // Roles of dumps that others made are nowhere to be had.
        await File.WriteAllTextAsync(dump, Script("ALTER TABLE public.t OWNER TO nobody_here;"));
        Assert.True((await DrillAsync(dump)).Passed);

        static string Script(string statement) => $"--\n-- PostgreSQL database dump\n--\nCREATE TABLE public.t (id integer);\n{statement}\n--\n-- PostgreSQL database dump complete\n--\n";
    }

    private static Task<PgBackupTest> DrillAsync(string path) => new DrillBackup().RunAsync(new BackupTestRequest(path), new RecordedEvents(), CancellationToken.None);

    private Task<long> DatabasesAsync() => PgServer.ScalarAsync<long>(pg.Target, "SELECT count(*) FROM pg_database");
}
