namespace DbSafety.Testing;

/// <summary>What tests do is not recorded in the log of the user who runs them.</summary>
public sealed class TestLog : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("dbsafety-test-log-");

    public TestLog() => Environment.SetEnvironmentVariable("DBSAFETY_LOG", folder.FullName);

    public void Dispose() => folder.Delete(recursive: true);
}
