using System.Runtime.InteropServices;

namespace DbSafety.Tools;

/// <summary>Who this process runs as, by number.</summary>
internal static partial class UserId
{
    public static uint Effective => GetEffectiveUserId();

    public static uint EffectiveGroup => GetEffectiveGroupId();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint GetEffectiveGroupId();
}
