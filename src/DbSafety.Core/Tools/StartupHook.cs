using DbSafety.Tools.Isolation;

/// <summary>
/// .NET calls this before a program's Main where <c>DOTNET_STARTUP_HOOKS</c> names this assembly. Any program of .NET, PowerShell too, so becomes the inside of an
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
