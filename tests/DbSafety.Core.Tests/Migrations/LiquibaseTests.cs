using DbSafety.Errors;
using DbSafety.Migrations.Histories.Reading;
using DbSafety.Migrations.Sources;

namespace DbSafety.Core.Tests.Migrations;

/// <summary>Change sets in formatted SQL, as Liquibase 4.28 reads and records them.</summary>
public sealed class LiquibaseTests : IDisposable
{
    private const string Head = "--liquibase formatted sql\n";

    private readonly string root = Directory.CreateTempSubdirectory("dbsafety-liquibase-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [InlineData("--changeset x:1 logicalFilePath:old.sql\n", "", "old.sql::1::x")]
    [InlineData("--changeset x:1 logicalFilePath:\"old dir/o.sql\"\n", "", "\"old::1::x")]
    [InlineData("--property name:s value:app\n--changeset x:1 logicalFilePath:${s}.sql\n", "", "app.sql::1::x")]
    [InlineData("--  changeset \"joe smith\":\"4 b\"\n", "", "m.sql::4 b::joe smith")]
    [InlineData("--changeset joe smith:4-b runOnChange:true\n", "", "m.sql::4-b::joe smith")]
    [InlineData("--changeset x:1\n", " logicalFilePath:all.sql", "all.sql::1::x")]
    public void A_change_set_is_identified_by_the_path_id_and_author_that_Liquibase_records(string line, string header, string name)
    {
        Write(("liquibase.properties", "changeLogFile=m.sql\n"), ("m.sql", $"--liquibase formatted sql{header}\n{line}SELECT 1;\n"), ("z.sql", Head + "--changeset x:9\nDROP TABLE z;\n"));
        Assert.Equal(name, Assert.Single(Open().Files).Name);
        Assert.Equal([name], Named(name));
    }

    [Fact]
    public void A_history_row_of_another_folder_does_not_mark_a_change_set_as_applied()
    {
        Write(("db.changelog-master.yaml", "databaseChangeLog:\n  - include:\n      file: v1/tables.sql\n  - include:\n      file: v2/tables.sql\n"),
            ("v1/tables.sql", Head + "--changeset dev:1\nSELECT 1;\n"), ("v2/tables.sql", Head + "--changeset dev:1\nSELECT 2;\n"), ("tables.sql", Head + "--changeset dev:1\nSELECT 2;\n"));
        Assert.Equal(["v1/tables.sql::1::dev"], Named("v1/tables.sql::1::dev"));
        Assert.Empty(Named("tables.sql::1::dev"));
        Assert.Empty(Named("v1/tables.sql::1::dev", "v2"));
        Assert.Equal(["tables.sql::1::dev"], Named("v1/tables.sql::1::dev", "v1"));
        Assert.Equal(["tables.sql::1::dev"], Named($"classpath:{Path.GetFileName(root)}/v1/tables.sql::1::dev", "v1"));
        Assert.Equal(["tables.sql::1::dev"], Named($"{root}/v1/tables.sql::1::dev", "v1"));
    }

    [Theory]
    [InlineData("m.xml", "<databaseChangeLog><property name=\"dir\" value=\"new\"/><include file=\"${dir}/a.sql\"/></databaseChangeLog>")]
    [InlineData("m.xml", "<databaseChangeLog><includeAll path=\"new\"/></databaseChangeLog>")]
    [InlineData("m.yaml", "databaseChangeLog:\n  - property:\n      name: dir\n      value: new\n  - include:\n      file: ${dir}/a.sql\n")]
    [InlineData("m.json", "{\"databaseChangeLog\": [{\"property\": {\"name\": \"dir\", \"value\": \"new\"}}, {\"include\": {\"file\": \"${dir}/a.sql\"}}]}")]
    public void The_changelog_in_liquibase_properties_is_read_wherever_its_files_are(string changelog, string text)
    {
        Write(("liquibase.properties", $"liquibase.command.changelog-file: {changelog}\n"), (changelog, text), ("new/a.sql", Head + "--changeset x:1\nSELECT 1;\n"), ("old/a.sql", Head + "--changeset x:1\nSELECT 1;\n"), ("raw.sql", "SELECT 1;\n"));
        Assert.Equal("new/a.sql::1::x", Assert.Single(Open().Files).Name);
    }

    [Theory]
    [InlineData("m.xml", "<databaseChangeLog><include file=\"gone.sql\" errorIfMissing=\"false\"/><includeAll errorIfMissingOrEmpty=\"false\" path=\"none\"/><include file=\"a.sql\"/></databaseChangeLog>")]
    [InlineData("m.yaml", "databaseChangeLog:\n  - include:\n      file: gone.sql\n      errorIfMissing: false\n  - include:\n      file: a.sql\n")]
    [InlineData("m.json", "{\"databaseChangeLog\": [{\"include\": {\"file\": \"gone.sql\", \"errorIfMissing\": false}}, {\"include\": {\"file\": \"a.sql\"}}]}")]
    public void An_optional_include_that_is_missing_is_skipped(string changelog, string text)
    {
        Write(("liquibase.properties", $"changeLogFile={changelog}\n"), (changelog, text), ("a.sql", Head + "--changeset x:1\nSELECT 1;\n"));
        Assert.Equal("a.sql::1::x", Assert.Single(Open().Files).Name);
        File.Delete(Path.Combine(root, "a.sql"));
        Assert.Equal("DBS477", Assert.Throws<DbSafetyException>(() => Open()).Code);
    }

    [Theory]
    [InlineData("<databaseChangeLog><include file=\"${dir}/a.sql\"/></databaseChangeLog>", "DBS477")]
    [InlineData("<databaseChangeLog><include file=\"a.sql\" logicalFilePath=\"b.sql\"/></databaseChangeLog>", "DBS477")]
    [InlineData("<databaseChangeLog><changeSet id=\"1\" author=\"x\"/></databaseChangeLog>", "DBS474")]
    public void A_changelog_that_cannot_be_read_is_refused_and_named(string text, string code)
    {
        Write(("liquibase.properties", "changeLogFile=m.xml\n"), ("m.xml", text), ("a.sql", Head + "--changeset x:1\nSELECT 1;\n"));
        var error = Assert.Throws<DbSafetyException>(Open);
        Assert.Equal(code, error.Code);
        Assert.Contains("m.xml", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_included_SQL_file_without_change_sets_is_read_as_one_change_set()
    {
        Write(("changelog.xml", "<databaseChangeLog><include file=\"raw.sql\"/></databaseChangeLog>"), ("raw.sql", "SELECT 1;\n"));
        Assert.Equal("raw.sql::raw::includeAll", Assert.Single(Open().Files).Name);
    }

    [Theory]
    [InlineData("endDelimiter:GO", "alter table u add y int\nGO\ndrop table u\nGO\n", "alter table u add y int\n ;\ndrop table u\n ;\n")]
    [InlineData("endDelimiter:go", "create table a(x int) GO /* go */ drop table \"go\" GO", "create table a(x int)  ; /* go */ drop table \"go\"  ;")]
    [InlineData("endDelimiter:/", "select 4\n/ 2, '\n/';\n/\ndrop table u\n/", "select 4\n; 2, '\n/';\n;\ndrop table u\n;")]
    [InlineData("endDelimiter:\\n/", "drop table u\n/\n", "drop table u\n;\n")]
    [InlineData("endDelimiter://", "select 1//drop table u//", "select 1 ;drop table u ;")]
    [InlineData("endDelimiter:$$", "select 1 $$ drop table u $$", "select 1  ; drop table u  ;")]
    [InlineData("endDelimiter:;;", "select 1;;", "select 1;;")]
    [InlineData("splitStatements:true", "select 1\ngo\ndrop table u", "select 1\n ;\ndrop table u")]
    [InlineData("endDelimiter:@@", "do $x$ begin @@ end $x$@@", "do $x$ begin @@ end $x$ ;")]
    public void Statements_are_split_at_the_delimiters_of_Liquibase(string attribute, string text, string read)
    {
        Write(("liquibase.properties", "changeLogFile=m.sql\n"), ("m.sql", $"{Head}--changeset x:1 {attribute}\n{text}"));
        Assert.Equal(read, Assert.Single(Open().Files).Text.Split('\n', 3)[2]);
    }

    [Theory]
    [InlineData("endDelimiter:(go|end)", "SELECT 1", "(go|end)")]
    [InlineData("", "SELECT 1;\nDROP TABLE \"${t}\";", "line 4: ${t}")]
    public void An_unknown_delimiter_or_property_of_a_change_set_is_refused_when_the_change_set_is_analysed(string attribute, string text, string named)
    {
        Write(("liquibase.properties", "changeLogFile=m.sql\n"), ("m.sql", $"{Head}--changeset x:1 {attribute}\n{text}"));
        var error = Assert.Throws<DbSafetyException>(() => Assert.Single(Open().Files).Text);
        Assert.Equal("DBS477", error.Code);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Properties_from_changelogs_and_the_configuration_are_replaced()
    {
        Write(("liquibase.properties", "changeLogFile=m.xml\nparameter.s=app\n"), ("m.xml", "<databaseChangeLog><property value=\"users\" name=\"u\"/><include file=\"a.sql\"/></databaseChangeLog>"),
            ("a.sql", Head + "--property name:t value:goods\n--changeset x:1\n-- ${no}\nDROP TABLE ${s}.${u}, ${t}; SELECT '${no}';\n"));
        Assert.Contains("\nDROP TABLE app.users, goods; SELECT '${no}';", Assert.Single(Open().Files).Text, StringComparison.Ordinal);
    }

    private MigrationFolder Open() => MigrationFolder.Open(root);

    private IEnumerable<string> Named(string key, string folder = "") => ToolHistories.Named(new HistoryRow(key, null, "applied", null), MigrationFolder.Open(Path.Combine(root, folder)).Files).Select(f => f.Name);

    private void Write(params (string Path, string Text)[] files) => new MigrationLayout("", files).WriteTo(root);
}
