using DbSafety.Errors;

namespace DbSafety.Backups.Sets.Folders;

/// <summary>Recognises files that are encrypted by their first bytes, and names the command that decrypts them.</summary>
internal static class DumpEncryption
{
    /// <exception cref="DbSafetyException"><c>DBS230</c> it is encrypted.</exception>
    public static void Refuse(string path, ReadOnlySpan<byte> head)
    {
        if (ProgramOf(head) is { } found)
            throw ErrorCatalogue.DumpEncrypted.For(path, found.Program, string.Format(System.Globalization.CultureInfo.InvariantCulture, found.Command, path));
    }

    private static (string Program, string Command)? ProgramOf(ReadOnlySpan<byte> head) =>
        head.StartsWith("-----BEGIN PGP MESSAGE-----"u8) || IsOpenPgp(head) ? ("gpg", "gpg --output DUMP --decrypt {0}")
        : head.StartsWith("Salted__"u8) ? ("openssl enc", "openssl enc -d -aes-256-cbc -pbkdf2 -in {0} -out DUMP, with the cipher and the options that it was encrypted with")
        : head.StartsWith("U2FsdGVkX1"u8) ? ("openssl enc -a", "openssl enc -d -a -aes-256-cbc -pbkdf2 -in {0} -out DUMP, with the cipher and the options that it was encrypted with")
        : head.StartsWith("age-encryption.org/"u8) || head.StartsWith("-----BEGIN AGE ENCRYPTED FILE-----"u8) ? ("age", "age --decrypt --identity KEYFILE --output DUMP {0}")
        : null;

    /// <summary>
    /// The first packet of a message: a session key for a public key (tag 1, version 3 or 6) or for a passphrase (tag 3, version 4 to 6), its length in one
    /// or two bytes (https://www.rfc-editor.org/rfc/rfc9580, sections 4.2 and 5).
    /// </summary>
    private static bool IsOpenPgp(ReadOnlySpan<byte> head)
    {
        if (head.Length < 4)
            return false;
        var (tag, version) = head[0] switch
        {
            0x84 or 0xC1 when head[1] < 192 => (1, head[2]),
            0x85 or 0xC1 => (1, head[3]),
            0x8C or 0xC3 => (3, head[2]),
            _ => (0, (byte)0),
        };
        return tag == 1 ? version is 3 or 6 : tag == 3 && version is >= 4 and <= 6;
    }
}
