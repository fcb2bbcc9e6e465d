using DbSafety.Databases.Connections;

namespace DbSafety.Databases.Tables;

/// <summary>Lists the databases of the target's server, regardless of the target's database.</summary>
public sealed record DatabaseListRequest(DatabaseTarget Target);
