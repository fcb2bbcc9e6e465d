using System.Globalization;
using System.Text;

namespace DbSafety.Migrations.Sources.Flyway;

/// <summary>The checksum that Flyway records of a script: CRC-32 of its lines, without their ends and without a byte order mark, as a signed number.</summary>
internal static class FlywayChecksum
{
    public static string Of(byte[] script)
    {
        var crc = uint.MaxValue;
        using var reader = new StringReader(Encoding.UTF8.GetString(script).TrimStart('\uFEFF'));
        while (reader.ReadLine() is { } line)
        {
            foreach (var b in Encoding.UTF8.GetBytes(line))
            {
                crc ^= b;
                for (var bit = 0; bit < 8; bit++)
                    crc = (crc >> 1) ^ ((crc & 1) == 0 ? 0 : 0xEDB88320u);
            }
        }

        return ((int)~crc).ToString(CultureInfo.InvariantCulture);
    }
}
