using DbSafety.Errors;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Sources.Flyway;
using DbSafety.Migrations.Sources.Reading;

namespace DbSafety.Core.Tests.Migrations;

/// <summary>Flyway's rules, by its source (Flyway 13, flyway-core).</summary>
public sealed class FlywayTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("dbsafety-flyway-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Versions_are_ordered_by_number_and_repeatable_scripts_by_description()
    {
        Write(("V1.10__x.sql", ""), ("V1_9__x.sql", ""), ("V2.sql", ""), ("V02_0_1__x.sql", ""), ("R__b_x.sql", ""), ("R__a_y.sql", ""), ("V1.2b__x.sql", ""), ("U2__x.sql", ""), ("beforeClean.sql", ""));
        Assert.Equal(["V1_9__x.sql", "V1.10__x.sql", "V2.sql", "V02_0_1__x.sql", "R__a_y.sql", "R__b_x.sql"], Names());
        Assert.Equal(["V1.2b__x.sql"], MigrationFolder.Open(root).Files.Where(f => f.IsUnlisted).Select(f => f.Name));
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("${env}==prod", true)]
    [InlineData("${env}!=prod", false)]
    [InlineData("(${env}==test || false) && true", false)]
    [InlineData("${env}==test || true && true", true)]
    public void The_shouldExecute_condition_determines_whether_a_script_runs(string condition, bool runs)
    {
        Write(("flyway.conf", "flyway.placeholders.env=prod"), ("V1__x.sql", ""), ("V1__x.sql.conf", "shouldExecute=" + condition));
        Assert.Equal(runs, Names().Contains("V1__x.sql"));
    }

    [Theory]
    [InlineData("V1__a.sql V1.0__b.sql", "DBS410")]
    [InlineData("R__a.sql x/R__a.sql", "DBS410")]
    [InlineData("V1__a.sql x/V01__a.sql", "DBS410")]
    public void Two_scripts_that_Flyway_treats_as_the_same_migration_are_rejected(string files, string code)
    {
        Write([.. files.Split(' ').Prepend("flyway.conf").Select(f => (f, f == "flyway.conf" ? "flyway.locations=filesystem:." : "SELECT 1;"))]);
        Assert.Equal(code, Assert.Throws<DbSafetyException>(() => MigrationFolder.Open(root)).Code);
    }

    [Fact]
    public void A_placeholder_without_a_value_is_reported_with_its_line()
    {
        Write(("V1__x.sql", "SELECT 1;\nSELECT ${shop.name};\n"));
        var error = Assert.Throws<DbSafetyException>(() => ScriptFolder.Find(root));
        Assert.Equal("DBS478", error.Code);
        Assert.Contains("V1__x.sql line 2: no value for the placeholder ${shop.name}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Placeholders_use_the_configured_prefix_and_suffix_and_can_be_disabled()
    {
        Write(("flyway.conf", "flyway.placeholderPrefix=#[\nflyway.placeholderSuffix=]\nflyway.placeholders.T=a"), ("V1__x.sql", "#[t]${t}#[flyway:defaultSchema]"), ("V2__x.sql", "#[no]"), ("V2__x.sql.conf", "placeholderReplacement=false"));
        Assert.Equal(["a${t}public", "#[no]"], MigrationFolder.Open(root).Files.Select(f => f.Text));
    }

    [Fact]
    public void A_script_is_decoded_with_its_configured_encoding()
    {
        Write(("flyway.toml", "[flyway]\nencoding = 'ISO-8859-1'\n"), ("V1__x.sql", ""), ("V2__x.sql", ""), ("V2__x.sql.conf", "encoding=windows-1252"));
        File.WriteAllBytes(Path.Combine(root, "V1__x.sql"), [0x5A, 0xFC]);
        File.WriteAllBytes(Path.Combine(root, "V2__x.sql"), [0x80]);
        Assert.Equal(["Zü", "€"], MigrationFolder.Open(root).Files.Select(f => f.Text));
    }

    [Fact]
    public void TOML_is_parsed_as_specified()
    {
        var values = TomlValues.Read("# c\na = 1 # c\n'b c' = \"x\\ty\\u00e9\"\n[t.\"u.v\"]\nw = [ 'x', # c\n \"y\", ]\nz = { p = true, q.r = '''\nm\n''' }\n[[many]]\nk = \"\"\"\na \\\n  b\"\"\"\n");
        Assert.Equal(("1", "x\ty\u00e9", "x,y", "true", "m\n", "a b"), (values["a"], values["b c"], values["t.u.v.w"], values["t.u.v.z.p"], values["t.u.v.z.q.r"], values["many.k"]));
        Assert.Throws<FormatException>(() => TomlValues.Read("a = \"x\nb = 1"));
    }

    [Fact]
    public void Properties_preserve_backslashes_and_support_line_continuation() =>
        Assert.Equal(("C:\\x", "a,b"), (PropertiesFile.Read("flyway.x=C:\\x\n")["flyway.x"], PropertiesFile.Read("flyway.locations=a,\\\nb\nflyway.y : z")["flyway.locations"]));

    /// <summary>What Flyway recorded of scripts of public projects that have a dump with flyway_schema_history in their repository.</summary>
    [Theory]
    [InlineData("", "0")]
    [InlineData("CREATE EXTENSION IF NOT EXISTS pg_trgm;", "1704763490")]
    [InlineData("alter table virksomhet add column navn varchar not null default '';", "60790216")]
    [InlineData("-- Oops... we forgot about the quantity!\nALTER TABLE customer_order_item ADD COLUMN quantity INTEGER NOT NULL DEFAULT 1;\n", "-1517708285")]
    [InlineData("\uFEFF-- Some people have allergies or some specific requests that have to be stored somewhere\r\nALTER TABLE customer_order_item ADD COLUMN comment VARCHAR(1024);\r\n", "-1033864838")]
    public void The_checksum_of_a_script_equals_the_checksum_that_Flyway_records(string script, string recorded) => Assert.Equal(recorded, FlywayChecksum.Of(System.Text.Encoding.UTF8.GetBytes(script)));

    private List<string> Names() => [.. MigrationFolder.Open(root).Files.Where(f => !f.IsUnlisted).Select(f => f.Name)];

    private void Write(params (string Path, string Text)[] files) => new MigrationLayout("", files).WriteTo(root);
}
