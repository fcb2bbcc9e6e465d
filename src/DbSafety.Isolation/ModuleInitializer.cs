using System.Management.Automation;

namespace DbSafety.Isolation;

/// <summary>
/// Runs before the cmdlets' assembly is loaded, because the manifest names this one as a nested module: the cmdlets'
/// signatures use Core's types, so an initializer beside them would come too late.
/// </summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    public void OnImport() => CoreResolver.Attach();

    public void OnRemove(PSModuleInfo psModuleInfo) => CoreResolver.Detach();
}
