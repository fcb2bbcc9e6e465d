using System.Text;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Comparisons;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Integration.Tests.Rounds;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>Databases of other encodings than UTF8, and with settings of their own, go through everything as any other.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class EncodingTests(PgServer pg)
{
    private const string Values = """
        CREATE TABLE kinds (id int PRIMARY KEY, at timestamptz, on_day date, span interval, bytes bytea, number float8, names text[], path text, "select" text DEFAULT E'a\\b');
        INSERT INTO kinds SELECT i, '2026-11-20 02:15+00'::timestamptz + i * interval '1 day', '2026-02-03', '-1 mon +2 days -03:04:05', '\x00ff5c27', 1.0 / 3, '{NULL,"NULL",a}', 'C:\temp\' || i FROM generate_series(1, 200) i;
        CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS $$ SELECT n * 2 -- it's '\' $$;
        CREATE VIEW odd AS SELECT id FROM kinds WHERE path LIKE 'C:\\%' AND on_day > '2026-01-02';
        CREATE SEQUENCE numbers; SELECT setval('numbers', 42);
        """;

    private static readonly string[] Settings =
    [
        "default_transaction_read_only = on", "DateStyle = 'SQL, DMY'", "IntervalStyle = 'sql_standard'", "client_encoding = 'LATIN1'", "bytea_output = 'escape'", "extra_float_digits = -5",
        "statement_timeout = '900ms'", "lock_timeout = '1ms'", "idle_in_transaction_session_timeout = '400ms'", "idle_session_timeout = '400ms'", "standard_conforming_strings = off",
        "row_security = off", "quote_all_identifiers = on", "array_nulls = off", "transform_null_equals = on", "TimeZone = 'Asia/Kathmandu'", "default_transaction_isolation = 'serializable'",
        "search_path = 'nowhere'", "xmloption = 'document'", "client_min_messages = 'error'", "check_function_bodies = off", "backslash_quote = off", "escape_string_warning = on",
        "default_table_access_method = 'heap'", "synchronous_commit = off", "jit = off",
    ];

    public static TheoryData<string, BackupFormat> Encodings => Round.IsLong
        ? new()
        {
            { "LATIN1", BackupFormat.Custom }, { "LATIN1", BackupFormat.Plain }, { "WIN1252", BackupFormat.Directory }, { "EUC_JP", BackupFormat.Custom }, { "SQL_ASCII", BackupFormat.Custom },
            { "SQL_ASCII", BackupFormat.Plain },
        }
        : new() { { "LATIN1", BackupFormat.Plain }, { "SQL_ASCII", BackupFormat.Custom } };

    public static TheoryData<string> Each => Round.IsLong ? [.. Settings] : ["all of them"];

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task A_database_in_any_encoding_with_non_ASCII_names_is_backed_up_compared_and_restored(string encoding, BackupFormat format)
    {
        var word = encoding switch { "EUC_JP" => "日本語", "WIN1252" => "naïve €", _ => "Größe" };
        var target = pg.Target.On($"enc_{encoding}_{Guid.NewGuid().ToString("N")[..6]}".ToLowerInvariant());
        await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(target.Database)} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        await PgServer.ExecuteAsync(target, Values + $"""
            CREATE SCHEMA "{word}"; CREATE TABLE "{word}"."{word} 1" (id int PRIMARY KEY, "{word}" text CHECK ("{word}" <> '{word}'));
            INSERT INTO "{word}"."{word} 1" SELECT i, '{word} ' || i FROM generate_series(1, 100) i;
            CREATE INDEX "{word} index" ON "{word}"."{word} 1" ("{word}"); COMMENT ON TABLE "{word}"."{word} 1" IS '{word}';
            CREATE SEQUENCE "{word}"."{word} seq"; SELECT setval('"{word}"."{word} seq"', 7);
            """);
        if (encoding == "SQL_ASCII")
            await LatinAsync(target);

        await RoundTripAsync(target, format);
    }

    [Theory]
    [MemberData(nameof(Each))]
    public async Task A_database_with_database_settings_is_backed_up_compared_restored_and_undone(string setting)
    {
        var target = await pg.CreateDatabaseAsync("settings", Values);
        foreach (var one in setting == "all of them" ? Settings : [setting])
            await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {SqlName.Quote(target.Database)} SET {one}");

        await RoundTripAsync(target, BackupFormat.Custom);
        if (Round.IsLong)
            await RoundTripAsync(target, BackupFormat.Plain);
    }

    /// <summary>Bytes that are no UTF-8, in rows, names, comments, functions and types.</summary>
    private static Task LatinAsync(DatabaseTarget target) => PgServer.ExecuteAsync(target, """
        UPDATE kinds SET path = convert_from('\xfffe80'::bytea, 'SQL_ASCII');
        DO $$ DECLARE word text := convert_from('\x4772f6df65'::bytea, 'SQL_ASCII');
        BEGIN
            EXECUTE format('CREATE TABLE %I (id int PRIMARY KEY, %I text DEFAULT %L)', word, word, word);
            EXECUTE format('INSERT INTO %I VALUES (1, %L)', word, word);
            EXECUTE format('COMMENT ON TABLE kinds IS %L', word);
            EXECUTE format('CREATE FUNCTION latin() RETURNS text LANGUAGE sql AS %L', format('SELECT %L::text', word));
            EXECUTE format('CREATE TYPE %I AS ENUM (%L)', word || ' type', word);
        END $$
        """);

    /// <summary>Back up, test, compare, change, restore beside, undo, restore in place.</summary>
    private static async Task RoundTripAsync(DatabaseTarget target, BackupFormat format)
    {
        using var folder = new TempFolder();
        var before = await FingerprintReader.ReadAsync(target, checksum: true, CancellationToken.None);
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = format, Checksum = true, Jobs = 1 }, new RecordedEvents(), CancellationToken.None);
        Assert.Equal(before.Tables, backup.Manifest.Tables);
        Assert.Equal(before.Sequences, backup.Manifest.Sequences);
        var test = await BackupTests.Test(backup.Path);
        Assert.True(test.Passed, string.Join("; ", test.Problems));
        Assert.Empty((await CompareAsync(backup, target)).Changes);

        const string Change = "SET default_transaction_read_only = off; SET array_nulls = on; DELETE FROM public.kinds WHERE id > 100";
        await PgServer.ExecuteAsync(target, Change);
        Assert.NotEmpty((await CompareAsync(backup, target)).Changes);
        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target), new RecordedEvents(), CancellationToken.None);
        Assert.Empty(restore.Notes);
        await SameAsync();
        await new UndoRestore().RunAsync(new UndoRestoreRequest(target), new RecordedEvents(), CancellationToken.None);
        Assert.Equal(100, (await FingerprintReader.ReadAsync(target, CancellationToken.None)).Tables.Single(t => t.Name == "kinds").Rows);

        await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target) { InPlaceBackup = Path.Combine(folder.Path, "before") }, new RecordedEvents(), CancellationToken.None);
        await SameAsync();

        async Task SameAsync()
        {
            var after = await FingerprintReader.ReadAsync(target, checksum: true, CancellationToken.None);
            Assert.Equal(before.Tables, after.Tables);
            Assert.Equal(before.Sequences, after.Sequences);
            Assert.Equal(before.SchemaHash, after.SchemaHash);
        }
    }

    private static Task<PgDifference> CompareAsync(PgBackup backup, DatabaseTarget target) =>
        new CompareDatabases().RunAsync(new CompareRequest(ComparisonSide.Of(backup), ComparisonSide.Of(target)), new RecordedEvents(), CancellationToken.None);
}
