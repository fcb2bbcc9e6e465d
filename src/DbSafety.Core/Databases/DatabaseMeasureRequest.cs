namespace DbSafety.Databases;

/// <summary>Which database to take the fingerprint of.</summary>
public sealed record DatabaseMeasureRequest(DatabaseTarget Target);
