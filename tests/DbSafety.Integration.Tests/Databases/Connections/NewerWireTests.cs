using System.Collections.Concurrent;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;
using DbSafety.Integration.Tests.Rounds;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Databases.Connections;

/// <summary>What libpq 16 and 17 added, on servers of 17 and 18 and on Debian's own, with psql of those versions as the judge.</summary>
[Collection(PgServerGroup.Name)]
public sealed class NewerWireTests(TlsServer debian) : IClassFixture<TlsServer>, IDisposable
{
    private const int AtOnce = 4;

    private static readonly string[] Methods = ["scram-sha-256", "md5", "password", "none", "!password", "!none", "scram-sha-256,md5", "password,none", "!scram-sha-256,!md5", "gss", "!gss", ""];

    /// <summary>Nothing connects with them, as whatever role.</summary>
    private static readonly string[] NoMethods = ["md5,!password", "md5,md5", "bogus", "SCRAM-SHA-256", "md5,", "md5, password"];

    public void Dispose() => ProcessVariables.Use(null);

    [VersionTheory]
    [InlineData(17)]
    [InlineData(18)]
    public async Task Direct_TLS_and_require_auth_are_used_or_rejected_as_in_psql(int major)
    {
        var server = await TlsServer.StartAsync(major);
        try
        {
            string[] direct =
            [
                .. from negotiation in new[] { "direct", "postgres", "bogus" }
                   from mode in new[] { "", "disable", "prefer", "require", $"verify-full sslrootcert='{server.Authority}'", $"verify-full sslrootcert='{server.OtherAuthority}'" }
                   select $"host=localhost port={server.Port} user=secure dbname=shop sslnegotiation={negotiation}{(mode.Length > 0 ? " sslmode=" + mode : "")}",
                $"host='{server.SocketFolder}' port={server.Port} user=guest dbname=shop sslnegotiation=direct sslmode=require",
                $"host=localhost port={server.Port} user=certified dbname=shop sslnegotiation=direct sslmode=require sslcert='{server.Folder}/client.crt' sslkey='{server.Folder}/client.key'",
            ];
            string[] roles = ["guest", "app password=s3cret", "old password=s3cret", "typed password=s3cret", $"certified sslmode=require sslcert='{server.Folder}/client.crt' sslkey='{server.Folder}/client.key'"];
            // Both versions have the same methods.
            var required = from role in Round.IsLong || major == 18 ? roles : roles[..2]
                           from methods in Round.IsLong || role == roles[0] ? Methods.Concat(NoMethods) : Methods
                           select $"host=localhost port={server.Port} dbname=shop user={role} require_auth='{methods}'";
            await JudgeAsync(direct.Concat(required), server, text => server.AskPsqlAsync(text));
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>A server before 17 does not know direct TLS.</summary>
    [VersionTheory]
    [InlineData("sslnegotiation=direct sslmode=require")]
    [InlineData("sslnegotiation=postgres sslmode=require")]
    [InlineData("sslnegotiation=direct sslmode=verify-full sslrootcert='AUTHORITY'")]
    [InlineData("require_auth=none")]
    [InlineData("require_auth=scram-sha-256")]
    public Task Settings_that_psql_17_rejects_for_an_older_server_are_rejected(string settings) =>
        JudgeAsync([$"host=localhost port={debian.Port} user=guest dbname=shop {settings.Replace("AUTHORITY", debian.Authority, StringComparison.Ordinal)}"], debian, text => debian.AskPsqlAsync(17, text));

    /// <summary>pg_dump's libpq passes over environment variables that it does not know, so such a pg_dump is not run.</summary>
    [Theory]
    [InlineData("require_auth=scram-sha-256", "require_auth", 16)]
    [InlineData("sslnegotiation=direct&sslmode=require", "sslnegotiation", 17)]
    public async Task pg_dump_that_would_ignore_a_security_setting_is_not_run(string settings, string setting, int since)
    {
        var newest = (await PgTools.AllAsync("pg_dump", CancellationToken.None)).Max(t => t.Major);
        if (newest >= since)
            return;
        var target = debian.Parse(debian.Url("app:s3cret", "shop", "?" + settings));

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => TargetTools.FindAsync("pg_dump", newest, target, CancellationToken.None));

        Assert.Equal("DBS131", error.Code);
        Assert.Equal($"pg_dump before version {since} ignores {setting}, and the newest version on this machine is {newest}", error.Message);
    }

    private static async Task JudgeAsync(IEnumerable<string> texts, TlsServer server, Func<string, Task<string>> psql)
    {
        var wrong = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(texts, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (text, _) =>
        {
            var (ours, psqls) = (await TlsServer.AskOursAsync(() => server.Parse(text)), await psql(text));
            if (ours != psqls)
                wrong.Add($"{text}: {ours}, psql {psqls}");
        });
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Order(StringComparer.Ordinal)));
    }
}
