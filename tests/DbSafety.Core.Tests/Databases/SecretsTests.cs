using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Core.Tests.Databases;

public sealed class SecretsTests
{
    [Theory]
    [InlineData("x --url postgres://leaky:S3cretPw@h/d", "x --url postgres://leaky:***@h/d")]
    [InlineData("x --url=postgres://leaky:S3cretPw?x/y#@z@h/d", "x --url=postgres://leaky:***@h/d")]
    [InlineData("x https://u:S3cretPw@a postgresql://u:S3cretPw@b", "x https://u:***@a postgresql://u:***@b")]
    [InlineData("x postgres://h/d?user=u&password=S3cretPw&sslmode=require", "x postgres://h/d?user=u&password=***&sslmode=require")]
    [InlineData("env PGPASSWORD=S3cretPw DB_PASS=S3cretPw x", "env PGPASSWORD=*** DB_PASS=*** x")]
    [InlineData("x --password S3cretPw --db-password=S3cretPw y", "x --password *** --db-password=*** y")]
    [InlineData("psql --password -h y", "psql --password -h y")]
    [InlineData("migrate -pS3cretPw -p5433 -path db -prod -P", "migrate -p*** -p5433 -path db -prod -P")]
    [InlineData("npx prisma migrate deploy", "npx prisma migrate deploy")]
    public void Passwords_in_a_command_line_are_not_shown(string line, string shown) => Assert.Equal(shown, MigrationCommand.Parse([line]).ToString());

    [Theory]
    [InlineData("x postgres://u:S3 cret#Pw@h/d y", "x postgres://u:***@h/d y")]
    [InlineData("x postgres://u:S3cretPw y", "x postgres://u:*** y")]
    [InlineData("x postgres:/u:S3cretPw@h/d y", "x postgres:/u:***@h/d y")]
    [InlineData("at postgres://app@h:5432/d, postgres://h:5432/d, postgres://[::1]:5432/d, https://h:8080/x", "at postgres://app@h:5432/d, postgres://h:5432/d, postgres://[::1]:5432/d, https://h:8080/x")]
    [InlineData("postgres:16 and db:5432", "postgres:16 and db:5432")]
    public void Messages_hide_passwords_and_no_other_text(string text, string shown)
    {
        Assert.Equal(shown, new DbSafety.Operations.MessageEvent(DbSafety.Operations.MessageLevel.Warning, text).Text);
        var error = DbSafety.Errors.ErrorCatalogue.EnvFileInvalid.For(text, text);
        Assert.DoesNotContain("S3", error.Message + error.Target + error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("psql \"host=h password = 'S3cretPw S3cretPw' dbname=d\"")]
    [InlineData("psql 'host=h password=a\\ S3cretPw'")]
    [InlineData("curl -d '{\"password\": \"S3cretPw\"}' x")]
    [InlineData("PGPASSWORD='a S3cretPw' psql")]
    [InlineData("PGPASSWORD=\"a S3cretPw\" psql")]
    public void Passwords_in_a_shell_script_argument_are_not_shown(string script) =>
        Assert.DoesNotContain("S3cretPw", new MigrationCommand(["sh", "-c", script]).ToString(), StringComparison.Ordinal);
}
