using System.Text;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Errors;

namespace DbSafety.Integration.Tests.Backups;

/// <summary>Settings of a role and a database that would end a backup's sessions or change what they read.</summary>
[Collection(PgServerGroup.Name)]
public sealed class HostileSettingsTests(PgServer pg)
{
    private const string Sql = SampleSql.Odd + SampleSql.Shop + """
        CREATE TABLE kinds (id int, at timestamptz, on_day date, span interval, bytes bytea, number float8, name text);
        INSERT INTO kinds SELECT i, '2026-11-20 02:15+00'::timestamptz + i * interval '1 day', '2026-02-03', '1 mon 2 days 03:04:05', '\x00ff5c27'::bytea, 1.0 / 3, 'naïve “quotes” ' || chr(8364) FROM generate_series(1, 2000) i;
        """;

    private static readonly string[] Settings =
    [
        "statement_timeout = '900ms'", "lock_timeout = '1ms'", "idle_in_transaction_session_timeout = '500ms'", "idle_session_timeout = '500ms'", "default_transaction_read_only = on",
        "default_transaction_isolation = 'serializable'", "default_transaction_deferrable = on", "search_path = 'nowhere'", "DateStyle = 'German'", "IntervalStyle = 'sql_standard'",
        "bytea_output = 'escape'", "client_encoding = 'SQL_ASCII'", "extra_float_digits = -5", "standard_conforming_strings = off", "quote_all_identifiers = on", "client_min_messages = 'debug1'",
        "TimeZone = 'Asia/Kathmandu'", "array_nulls = off", "xmlbinary = 'hex'",
    ];

    public static TheoryData<BackupFormat, string> Cases => new()
    {
        { BackupFormat.Custom, "DATABASE" }, { BackupFormat.Plain, "DATABASE" }, { BackupFormat.Directory, "DATABASE" }, { BackupFormat.Custom, "ROLE" }, { BackupFormat.Directory, "ROLE" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_backup_does_not_depend_on_the_settings_of_the_role_or_the_database(BackupFormat format, string kind)
    {
        var target = await pg.CreateDatabaseAsync("hostile", Sql);
        using var folder = new TempFolder();
        var plain = await BackUpAsync(target, folder, format);
        var hostile = target;
        if (kind == "ROLE")
        {
            var role = "hostile_" + Guid.NewGuid().ToString("N")[..6];
            await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {role} LOGIN SUPERUSER");
            hostile = target with { Username = role };
            await SetAsync($"ROLE {role}");
        }
        else
        {
            await SetAsync($"DATABASE {SqlName.Quote(target.Database)}");
        }

        // Longer than the timeouts: time is what they are about.
        using var at = StepListener.AtEach((point, _) => point is "backup: snapshot exported" or "backup: tables locked by pg_dump" ? PgServer.ExecuteAsync(pg.Target, "SELECT pg_sleep(1.2)") : Task.CompletedTask);
        var backup = await BackUpAsync(hostile, folder, format);

        Assert.True(at.Reached("backup: tables locked by pg_dump"));
        Assert.Equal(plain.Manifest.Tables, backup.Manifest.Tables);
        Assert.Equal(plain.Manifest.Sequences, backup.Manifest.Sequences);
        Assert.Equal(plain.Manifest.LargeObjects, backup.Manifest.LargeObjects);
        Assert.Equal(plain.Manifest.SchemaHash, backup.Manifest.SchemaHash);
        Assert.Equal(plain.Manifest.NotProven, backup.Manifest.NotProven);
        Assert.True((await BackupTests.Test(backup.Path)).Passed);
        if (format == BackupFormat.Plain)
            Assert.Contains("SET client_encoding = 'UTF8'", Encoding.UTF8.GetString(Read(backup)), StringComparison.Ordinal);

        Task SetAsync(string of) => PgServer.ExecuteAsync(pg.Target, string.Join("; ", Settings.Select(s => $"ALTER {of} SET {s}")));
    }

    [Theory]
    [InlineData("on")]
    [InlineData("off")]
    public async Task Row_security_that_hides_rows_is_refused_for_each_value_of_row_security(string setting)
    {
        var target = await pg.CreateDatabaseAsync("secured", SampleSql.Shop);
        var role = "reader_" + Guid.NewGuid().ToString("N")[..6];
        await PgServer.ExecuteAsync(target, $"CREATE ROLE {role} LOGIN; GRANT pg_read_all_data TO {role}; ALTER ROLE {role} SET row_security = {setting}; ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON orders USING (id > 100)");
        using var folder = new TempFolder();

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => BackUpAsync(target with { Username = role }, folder, BackupFormat.Custom));

        Assert.Contains("row-level security", error.Message, StringComparison.Ordinal);
        Assert.Empty(folder.Names);
    }

    private static byte[] Read(PgBackup backup)
    {
        using var dump = PayloadStream.Open(backup);
        using var copy = new MemoryStream();
        dump.CopyTo(copy);
        return copy.ToArray();
    }

    private static async Task<PgBackup> BackUpAsync(DatabaseTarget target, TempFolder folder, BackupFormat format)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        return await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = format, Checksum = true, Jobs = 2 }, new RecordedEvents(), limit.Token);
    }
}
