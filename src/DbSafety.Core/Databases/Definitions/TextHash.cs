using System.Security.Cryptography;
using System.Text;

namespace DbSafety.Databases.Definitions;

/// <summary>The stored hash of a text that is too long, or secret.</summary>
internal static class TextHash
{
    private const string Long = "sha256:", Secret = "pbkdf2:";

    private const int LongBytes = 16, SecretBytes = 4, Iterations = 20_000;

    public static string Of(string text) => Long + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, LongBytes));

    /// <summary>The same for a known SHA-256 in hex.</summary>
    public static string OfHash(string sha256) => Long + sha256[..(2 * LongBytes)];

    /// <summary>Sufficient to detect a changed password; short and slow to compute, so that it hardly helps to guess the password.</summary>
    public static string OfSecret(string secret, string objectName) =>
        Secret + Convert.ToHexStringLower(Rfc2898DeriveBytes.Pbkdf2(secret, Encoding.UTF8.GetBytes(objectName), Iterations, HashAlgorithmName.SHA256, SecretBytes));

    public static bool IsOne(string value) => value.StartsWith(Long, StringComparison.Ordinal) || value.StartsWith(Secret, StringComparison.Ordinal);
}
