using System.Text.Json.Serialization;

namespace DbSafety.Backups;

public sealed record ExtensionVersion(string Name, string Version, string Schema);
