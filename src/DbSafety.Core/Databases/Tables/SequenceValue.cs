using System.Text.Json.Serialization;

namespace DbSafety.Databases.Tables;

/// <summary>The state of a sequence, as arguments of <c>setval</c>.</summary>
public sealed record SequenceValue(string Schema, string Name, long Value, bool IsCalled);
