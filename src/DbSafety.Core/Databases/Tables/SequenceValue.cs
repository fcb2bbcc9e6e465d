using System.Text.Json.Serialization;

namespace DbSafety.Databases.Tables;

/// <summary>A sequence's state as <c>setval</c> takes it.</summary>
public sealed record SequenceValue(string Schema, string Name, long Value, bool IsCalled);
