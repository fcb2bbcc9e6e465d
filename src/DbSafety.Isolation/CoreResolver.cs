using System.Reflection;
using System.Runtime.Loader;

namespace DbSafety.Isolation;

/// <summary>
/// Answers the shell's question for two assemblies, <c>DbSafety.Core</c> and <c>DbSafety.Analysis</c>, and for nothing else. The context lives as long as
/// the process, as the cmdlets' assembly does: a module imported again finds the same types.
/// </summary>
internal static class CoreResolver
{
    private static readonly string[] Served = ["DbSafety.Core", "DbSafety.Analysis"];

    private static readonly Lazy<CoreLoadContext> Context = new(() =>
        new CoreLoadContext(Path.Combine(Path.GetDirectoryName(typeof(CoreResolver).Assembly.Location)!, "core")));

    private static readonly Lock Gate = new();
    private static int imports;

    /// <summary>Once for each import; the runspaces of a process share one hook.</summary>
    public static void Attach()
    {
        lock (Gate)
        {
            if (imports++ == 0)
                AssemblyLoadContext.Default.Resolving += Resolve;
        }
    }

    public static void Detach()
    {
        lock (Gate)
        {
            if (imports > 0 && --imports == 0)
                AssemblyLoadContext.Default.Resolving -= Resolve;
        }
    }

    private static Assembly? Resolve(AssemblyLoadContext asking, AssemblyName name) =>
        Served.Contains(name.Name) ? Context.Value.LoadFromAssemblyName(name) : null;
}
