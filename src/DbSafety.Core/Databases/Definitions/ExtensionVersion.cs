using System.Text.Json.Serialization;

namespace DbSafety.Databases.Definitions;

public sealed record ExtensionVersion(string Name, string Version, string Schema);
