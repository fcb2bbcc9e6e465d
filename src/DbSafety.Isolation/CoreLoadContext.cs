using System.Reflection;
using System.Runtime.Loader;

namespace DbSafety.Isolation;

/// <summary>
/// Where Core and its packages live, out of sight of other modules. What lies in the folder is taken from there; the rest
/// (the framework) comes from the shell.
/// </summary>
internal sealed class CoreLoadContext(string folder) : AssemblyLoadContext("DbSafety")
{
    // Reading deps.json costs milliseconds that most sessions never need: only libraries for one platform want it.
    private readonly Lazy<AssemblyDependencyResolver> dependencies = new(() =>
        new AssemblyDependencyResolver(Path.Combine(folder, "DbSafety.Core.dll")));

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var path = Path.Combine(folder, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        dependencies.Value.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
}
