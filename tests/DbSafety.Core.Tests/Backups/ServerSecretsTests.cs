using DbSafety.Backups.Sets;

namespace DbSafety.Core.Tests.Backups;

public sealed class ServerSecretsTests
{
    [Theory]
    [InlineData("app.cmd", "SECRET_KEY=\"one two\" run")]
    [InlineData("app.cmd", "AWS_SECRET_ACCESS_KEY='one two'")]
    [InlineData("app.cmd", "curl -u backup:one")]
    [InlineData("app.encryption_key", "one")]
    [InlineData("app.api_key", "one")]
    [InlineData("app.jwt", "one")]
    [InlineData("app.pw", "one")]
    [InlineData("app.pass", "one")]
    [InlineData("app.smtp_pwd", "one")]
    [InlineData("app.salt", "one")]
    [InlineData("archive_command", "aws s3 cp %p s3://b/%f --secret-key one")]
    [InlineData("archive_command", "cp %p 'x' --token=one")]
    [InlineData("restore_command", "curl -u backup:one https://h/%f -o %p")]
    [InlineData("restore_command", "curl -H \"Authorization: Bearer one\" https://h/%f")]
    [InlineData("restore_command", "sshpass -p one scp h/%f %p")]
    [InlineData("archive_cleanup_command", "mysql -pone")]
    [InlineData("recovery_end_command", "wget https://h/x?sv=1&sig=one")]
    [InlineData("restore_command", "git clone https://one@github.com/x")]
    [InlineData("restore_command", "post {\"api_key\": \"one\"}")]
    [InlineData("archive_command", "openssl enc -k one")]
    [InlineData("primary_conninfo", "host=h password=one user=r")]
    [InlineData("ssl_passphrase_command", "echo one")]
    public void A_setting_that_can_contain_a_secret_is_masked_completely(string name, string value) => Assert.Equal("***", ServerSecrets.Value(name, value));

    [Theory]
    [InlineData("archive_command", "test ! -f /mnt/server/archivedir/%f && cp %p /mnt/server/archivedir/%f")]
    [InlineData("archive_command", "copy \"%p\" \"C:\\\\server\\\\archivedir\\\\%f\"")]
    [InlineData("archive_command", "pgbackrest --stanza=main archive-push %p")]
    [InlineData("restore_command", "wal-g wal-fetch %f %p")]
    [InlineData("password_encryption", "scram-sha-256")]
    [InlineData("ssl_key_file", "server.key")]
    [InlineData("log_line_prefix", "%m [%p] user=%u,db=%d ")]
    [InlineData("search_path", "\"$user\", public")]
    [InlineData("tcp_keepalives_idle", "60")]
    [InlineData("pgaudit.log", "all, -misc")]
    [InlineData("auto_explain.log_min_duration", "3s")]
    public void Other_settings_are_not_changed(string name, string value) => Assert.Equal(value, ServerSecrets.Value(name, value));

    [Theory]
    [InlineData("host all all 10.0.0.0/8 ldap ldapserver=l ldapbindpasswd=a;one", "#host all all 10.0.0.0/8 ldap ldapserver=l ldapbindpasswd=***")]
    [InlineData("host all all 10.0.0.0/8 ldap ldapbindpasswd=a&one ldapserver=l", "#host all all 10.0.0.0/8 ldap ldapbindpasswd=***")]
    [InlineData("host all all 10.0.0.0/8 ldap \"ldapbindpasswd=one two\"", "#host all all 10.0.0.0/8 ldap \"ldapbindpasswd=***")]
    [InlineData("host all all 10.0.0.0/8 ldap ldapbindpasswd=\\\none", "#host all all 10.0.0.0/8 ldap ldapbindpasswd=***")]
    [InlineData("host all all ::1/128 radius radiussec\\\r\nrets=\\\r\n\"one,two\"\r", "#host all all ::1/128 radius radiussecrets=***")]
    [InlineData("# the old one: password=one", "# the old one: password=***")]
    public void A_line_of_pg_hba_conf_with_a_secret_is_a_comment_without_it(string line, string masked) =>
        Assert.Equal($"local all all peer\n{masked}\nhost all all ::1/128 scram-sha-256\n", ServerSecrets.Lines($"local all all peer\n{line}\nhost all all ::1/128 scram-sha-256\n"));

    [Fact]
    public void A_line_of_pg_hba_conf_without_a_secret_is_not_changed()
    {
        const string Text = "# TYPE\r\nhost all \\\n all 127.0.0.1/32 password\nhost all all ::1/128 ldap ldapserver=l ldapprefix=\"cn=\" # rest";
        Assert.Equal(Text, ServerSecrets.Lines(Text));
    }
}
