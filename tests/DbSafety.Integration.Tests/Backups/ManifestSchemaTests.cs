using System.Text.Json.Nodes;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;

namespace DbSafety.Integration.Tests.Backups;

/// <summary>Manifests that were really made, held against the schema that is published.</summary>
[Collection(PgServerGroup.Name)]
public sealed class ManifestSchemaTests(PgServer pg)
{
    public static TheoryData<BackupFormat, bool> Cases => new()
    {
        { BackupFormat.Custom, false }, { BackupFormat.Custom, true }, { BackupFormat.Plain, false }, { BackupFormat.Directory, false }, { BackupFormat.Directory, true },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_created_manifest_conforms_to_its_schema(BackupFormat format, bool everything)
    {
        var target = await pg.CreateDatabaseAsync("schema \"x\" ü", SampleSql.Odd + SampleSql.Shop);
        var name = SqlName.Quote(target.Database);
        await PgServer.ExecuteAsync(pg.Target, $"COMMENT ON DATABASE {name} IS 'a ''comment'''; ALTER DATABASE {name} SET work_mem = '7MB'; ALTER ROLE postgres IN DATABASE {name} SET statement_timeout = 0; REVOKE CONNECT ON DATABASE {name} FROM PUBLIC");
        using var folder = new TempFolder();
        var request = new BackupRequest(target, folder.Path) { Format = format, Environment = "prod", Labels = ["x"], Checksum = everything, Selection = new BackupSelection { ExcludeTables = everything ? ["orders"] : [] } };

        var backup = await new BackupDatabase().RunAsync(request, new RecordedEvents(), CancellationToken.None);

        var schema = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Root(AppContext.BaseDirectory), "docs", "manifest.schema.json")))!.AsObject();
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(backup.Path))!.AsObject();
        Assert.Empty(SchemaValidation.Problems(schema, manifest));
        Assert.Equal(everything, manifest.ContainsKey("scope"));
        Assert.Equal(2, manifest["properties"]!["settings"]!.AsArray().Count);
        Assert.NotEmpty(manifest["properties"]!["grants"]!.AsArray());
        manifest["tables"]![0]!["rows"] = "many";
        Assert.NotEmpty(SchemaValidation.Problems(schema, manifest));
    }

    private static string Root(string folder) => File.Exists(Path.Combine(folder, "DbSafety.sln")) ? folder : Root(Path.GetDirectoryName(folder)!);
}
