using System.Reflection;
using System.Runtime.InteropServices;

namespace DbSafety.Backups.Compression;

/// <summary>The platform's libzstd (1.4 or newer), by its stable interface: https://facebook.github.io/zstd/zstd_manual.html.</summary>
internal static unsafe partial class ZstdLibrary
{
    private const string Name = "zstd";

    /// <summary>Where package managers install it; first the name that the loader knows.</summary>
    private static readonly string[] Candidates =
        ["libzstd.so.1", "libzstd.1.dylib", "/opt/homebrew/lib/libzstd.1.dylib", "/usr/local/lib/libzstd.1.dylib", "libzstd.dll", "zstd.dll"];

    private static readonly nint Handle;

    public const int CompressionLevel = 100;
    public const int ChecksumFlag = 201;

#pragma warning disable CA1810 // The resolver must be set before the first call of a library function, which only a static constructor makes sure of.
    static ZstdLibrary() => Handle = Load();
#pragma warning restore CA1810

    public static bool IsAvailable => Handle != 0;

    [StructLayout(LayoutKind.Sequential)]
    public struct Buffer
    {
        public byte* Data;
        public nuint Size;
        public nuint Position;
    }

    public static nuint Check(nuint result) => ZSTD_isError(result) == 0
        ? result
        : throw new InvalidDataException("zstd: " + Marshal.PtrToStringUTF8(ZSTD_getErrorName(result)));

    [LibraryImport(Name)]
    public static partial nint ZSTD_createCCtx();

    [LibraryImport(Name)]
    public static partial nuint ZSTD_freeCCtx(nint context);

    [LibraryImport(Name)]
    public static partial nuint ZSTD_CCtx_setParameter(nint context, int parameter, int value);

    [LibraryImport(Name)]
    public static partial nuint ZSTD_compress2(nint context, byte* output, nuint room, byte* input, nuint length);

    [LibraryImport(Name)]
    public static partial nuint ZSTD_compressBound(nuint length);

    [LibraryImport(Name)]
    public static partial nint ZSTD_createDCtx();

    [LibraryImport(Name)]
    public static partial nuint ZSTD_freeDCtx(nint context);

    [LibraryImport(Name)]
    public static partial nuint ZSTD_decompressStream(nint context, Buffer* output, Buffer* input);

    [LibraryImport(Name)]
    private static partial uint ZSTD_isError(nuint code);

    [LibraryImport(Name)]
    private static partial nint ZSTD_getErrorName(nuint code);

    private static nint Load()
    {
        var found = Candidates.Select(c => NativeLibrary.TryLoad(c, out var handle) ? handle : 0).FirstOrDefault(h => h != 0);
        NativeLibrary.SetDllImportResolver(Assembly.GetExecutingAssembly(), (name, _, _) => name == Name ? found : 0);
        return found;
    }
}
