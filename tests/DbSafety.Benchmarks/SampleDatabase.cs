using DbSafety.Databases.Connections;

namespace DbSafety.Benchmarks;

/// <summary>Wide text, jsonb, narrow rows and indexes, about as many megabytes as asked for, in as many copies of three tables as asked for.</summary>
internal static class SampleDatabase
{
    private const string Words = "(ARRAY['order','shipped','late','customer','refund','invoice','Berlin','Lagos','Lima','blue','green','large','small','urgent','gift','return'])";

    public const int TablesPerCopy = 3;

    public static async Task<DatabaseTarget> CreateAsync(DatabaseTarget server, string name, int megabytes, int copies)
    {
        await using (var connection = await server.OpenAsync(CancellationToken.None))
            await connection.ExecuteAsync($"CREATE DATABASE {name}", CancellationToken.None);
        var target = server.On(name);
        await using var bench = await target.OpenAsync(CancellationToken.None);
        // About 1.1 kB a document, 0.3 kB an event and 0.1 kB a line on disk, indexes included.
        var documents = Math.Max(1, (int)(megabytes * 580L / copies));
        for (var i = 0; i < copies; i++)
        {
            var suffix = i == 0 ? "" : "_" + i;
            await bench.ExecuteAsync(Sql(suffix, documents), CancellationToken.None);
        }

        await bench.ExecuteAsync("ANALYZE", CancellationToken.None);
        await bench.ExecuteAsync("CHECKPOINT", CancellationToken.None);
        return target;
    }

    private static string Sql(string suffix, int documents) => $"""
        CREATE TABLE documents{suffix} (id bigserial PRIMARY KEY, title text NOT NULL, body text NOT NULL, created timestamptz NOT NULL);
        INSERT INTO documents{suffix} (title, body, created)
          SELECT 'document ' || i, (SELECT string_agg({Words}[1 + ((i::bigint * 7919 + j * 104729 + (i::bigint * j) % 8191) % 16)] || CASE WHEN j % 5 = 0 THEN md5((i::bigint * j)::text) ELSE ' ' END, ' ') FROM generate_series(1, 60) j),
                 timestamptz '2026-01-01' + i * interval '1 second' FROM generate_series(1, {documents}) i;
        CREATE INDEX ON documents{suffix} (created);
        CREATE INDEX ON documents{suffix} (title);
        CREATE TABLE events{suffix} (id bigint PRIMARY KEY, document bigint NOT NULL, data jsonb NOT NULL);
        INSERT INTO events{suffix} SELECT i, 1 + i % {documents}, jsonb_build_object('kind', {Words}[1 + i % 16], 'user', md5(i::text), 'amount', i % 1000, 'tags', jsonb_build_array('a', i % 7)) FROM generate_series(1, {documents} * 2) i;
        CREATE INDEX ON events{suffix} (document);
        CREATE TABLE lines{suffix} (id bigint PRIMARY KEY, event bigint NOT NULL, quantity int NOT NULL, price numeric(10,2) NOT NULL);
        INSERT INTO lines{suffix} SELECT i, 1 + i % ({documents} * 2), i % 9, (i % 10000) / 100.0 FROM generate_series(1, {documents} * 3) i;
        """;
}
