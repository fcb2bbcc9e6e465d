using DbSafety.Databases.Connections;

namespace DbSafety.Databases.Tables;

/// <summary>Whose databases to list: those of the target's server, whatever database the target names.</summary>
public sealed record DatabaseListRequest(DatabaseTarget Target);
