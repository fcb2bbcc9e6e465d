using System.Globalization;

namespace DbSafety.Operations;

/// <summary>Formats numbers of bytes for a person; objects keep the exact numbers.</summary>
public static class ByteSize
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>Powers of 1024 with the names that PostgreSQL and PowerShell give them: <c>812 B</c>, <c>7.6 MB</c>, <c>312 GB</c>.</summary>
    public static string Text(double bytes)
    {
        var unit = 0;
        for (; Math.Abs(bytes) >= 1023.5 && unit < Units.Length - 1; unit++)
            bytes /= 1024;
        return bytes.ToString(unit == 0 || Math.Abs(bytes) >= 99.95 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + Units[unit];
    }
}
