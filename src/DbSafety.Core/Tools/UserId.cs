using System.Globalization;
using System.Runtime.InteropServices;

namespace DbSafety.Tools;

/// <summary>The user id of this process.</summary>
internal static partial class UserId
{
    public static uint Effective => GetEffectiveUserId();

    public static uint EffectiveGroup => GetEffectiveGroupId();

    /// <summary>By its name in /etc/passwd.</summary>
    public static uint? Of(string name) =>
        File.ReadLines("/etc/passwd").Select(l => l.Split(':')).Where(l => l.Length > 2 && l[0] == name).Select(l => (uint?)uint.Parse(l[2], CultureInfo.InvariantCulture)).FirstOrDefault();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint GetEffectiveGroupId();
}
