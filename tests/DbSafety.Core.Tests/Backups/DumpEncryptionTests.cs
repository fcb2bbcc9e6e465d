using System.Text;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Errors;

namespace DbSafety.Core.Tests.Backups;

public sealed class DumpEncryptionTests
{
    [Theory]
    [InlineData(new byte[] { 0x85, 0x02, 0x0C, 0x03, 1, 2 }, "gpg")] // for an RSA key
    [InlineData(new byte[] { 0x84, 0x5E, 0x03, 1, 2 }, "gpg")] // for a key on a curve
    [InlineData(new byte[] { 0xC1, 0xC0, 0x4C, 0x03, 1, 2 }, "gpg")] // as other programs write it
    [InlineData(new byte[] { 0x8C, 0x0D, 0x04, 0x09, 0x03 }, "gpg")] // with a passphrase
    [InlineData(new byte[] { 0x53, 0x61, 0x6C, 0x74, 0x65, 0x64, 0x5F, 0x5F }, "openssl enc")]
    public void An_encrypted_dump_is_detected_by_its_first_bytes(byte[] head, string program)
    {
        var error = Assert.Throws<DbSafetyException>(() => DumpEncryption.Refuse("/backups/shop.sql.gpg", head));
        Assert.Equal(("DBS230", $"/backups/shop.sql.gpg is encrypted with {program}"), (error.Code, error.Message));
        Assert.Contains("/backups/shop.sql.gpg", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PGDMP\u0001")]
    [InlineData("--\n-- PostgreSQL database dump\n")]
    [InlineData("Á naïve script")]
    [InlineData("")]
    public void An_unencrypted_dump_is_not_detected_as_encrypted(string head)
    {
        DumpEncryption.Refuse("x", Encoding.UTF8.GetBytes(head));
        DumpEncryption.Refuse("x", Encoding.Latin1.GetBytes(head));
    }
}
