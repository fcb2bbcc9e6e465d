using DbSafety.Databases.Connections;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Migration tools of npm, in the versions pinned here, and those of Debian.</summary>
/// <param name="Words">The program, before its arguments.</param>
internal sealed record RealTool(string Name, IReadOnlyList<string> Words, IReadOnlyList<string> Up)
{
    private static readonly string[] Packages = ["dbmate@2.36.0", "node-pg-migrate@9.0.0", "graphile-migrate@1.4.1", "db-migrate@0.11.14", "db-migrate-pg@1.5.2", "pg@8.16.3"];

    /// <summary>That applies all pending migrations.</summary>
    public string Command => string.Join(' ', Words.Concat(Up));

    public static async Task<RealTool> InstallAsync(string name, string project)
    {
        if (name == "sqitch")
            return new RealTool(name, ["env", "SQITCH_FULLNAME=x", "SQITCH_EMAIL=x@example.org", "sqitch"], ["deploy", "--target", "db:pg:"]);
        var modules = Path.Combine(await NodePackages.InstallAsync("tools", Packages), "node_modules");
        Directory.CreateSymbolicLink(Path.Combine(project, "node_modules"), modules);
        return name switch
        {
            "dbmate" => new RealTool(name, ["env", "PGSSLMODE=disable", Path.Combine(modules, "@dbmate/linux-x64/bin/dbmate"), "--no-dump-schema"], ["up"]),
            "node-pg-migrate" => new RealTool(name, ["node", "node_modules/node-pg-migrate/bin/node-pg-migrate.js"], ["up"]),
            "graphile-migrate" => new RealTool(name, ["node", "node_modules/graphile-migrate/dist/cli.js"], ["migrate"]),
            "db-migrate" => new RealTool(name, ["env", "-u", "DATABASE_URL", "node", "node_modules/db-migrate/bin/db-migrate"], ["up"]),
            _ => throw new ArgumentException(name),
        };
    }

    public async Task<string> UpAsync(string project, DatabaseTarget target) => (await RunAsync(project, target, [.. Up])).OrThrow().Output;

    /// <summary>With the database in its environment, as a command of a run has it.</summary>
    public Task<ToolResult> RunAsync(string project, DatabaseTarget target, params string[] arguments) =>
        ToolProcess.RunAsync(new ToolCommand(Words[0], [.. Words.Skip(1), .. arguments])
        {
            WorkingDirectory = project,
            Environment = new Dictionary<string, string?>(target.ToolEnvironment()) { ["DATABASE_URL"] = target.Url("tool") },
        }, CancellationToken.None);
}
