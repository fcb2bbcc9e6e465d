namespace DbSafety.Backups;

/// <summary>Which set to test.</summary>
/// <param name="Path">A manifest, or a dump beside its manifest.</param>
public sealed record BackupTestRequest(string Path);
