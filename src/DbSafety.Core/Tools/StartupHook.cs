using DbSafety.Tools.Isolation;

/// <summary>
/// .NET calls this before a program's Main if <c>DOTNET_STARTUP_HOOKS</c> names this assembly. So any .NET program, including PowerShell, can become the inner process of an
/// <see cref="IsolatedCommand"/>.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(IsolatedCommand.Variable) is { Length: > 0 } child)
            Environment.Exit(IsolatedChild.Run(child));
    }
}
