using System.Globalization;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Restores.Properties;

/// <summary>
/// A provider of security labels that takes every label, as PostgreSQL's own dummy_seclabel does, which is in its source only. It is compiled here; no
/// header is needed for the three symbols that it uses.
/// </summary>
internal sealed class LabelProvider : IDisposable
{
    public const string Name = "dummy";

    private const string Source = """
        typedef struct {
            int len;
        #if MAJOR >= 18
            struct { int version; int funcmaxargs; int indexmaxkeys; int namedatalen; int float8byval; char extra[32]; } abi;
            const char *name; const char *version;
        #else
            int version; int funcmaxargs; int indexmaxkeys; int namedatalen; int float8byval;
        #if MAJOR >= 15
            char extra[32];
        #endif
        #endif
        } Magic;

        static const Magic magic =
        #if MAJOR >= 18
            {sizeof(Magic), {MAJOR * 100, 100, 32, 64, 1, "PostgreSQL"}, "dummy", "1"};
        #elif MAJOR >= 15
            {sizeof(Magic), MAJOR * 100, 100, 32, 64, 1, "PostgreSQL"};
        #else
            {sizeof(Magic), MAJOR * 100, 100, 32, 64, 1};
        #endif

        extern void register_label_provider(const char *name, void (*check)(const void *object, const char *label));
        const Magic *Pg_magic_func(void) { return &magic; }
        static void check(const void *object, const char *label) { (void) object; (void) label; }
        void _PG_init(void) { register_label_provider("dummy", check); }
        """;

    private LabelProvider(string folder) => Folder = folder;

    private string Folder { get; }

    /// <summary>What a server loads it with.</summary>
    public string Setting => $"shared_preload_libraries={Path.Combine(Folder, "labels.so")}";

    public static async Task<LabelProvider> CompileAsync(int major)
    {
        // Without a blank, and readable for the server's user.
        var folder = Path.Combine(Path.GetTempPath(), "dbsafety-labels-" + Guid.NewGuid().ToString("N")[..8]);
        Directory.CreateDirectory(folder);
        var source = Path.Combine(folder, "labels.c");
        await File.WriteAllTextAsync(source, Source);
        (await ToolProcess.RunAsync(
            new ToolCommand("gcc", "-shared", "-fPIC", "-nostdlib", "-DMAJOR=" + major.ToString(CultureInfo.InvariantCulture), "-o", Path.Combine(folder, "labels.so"), source), CancellationToken.None)).OrThrow();
        return new LabelProvider(folder);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
