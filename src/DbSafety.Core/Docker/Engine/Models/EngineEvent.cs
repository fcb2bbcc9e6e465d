namespace DbSafety.Docker.Engine.Models;

/// <summary>Something that happened on the engine (API 1.41, SystemEvents).</summary>
/// <param name="Type">container, image, volume, network …</param>
/// <param name="Action">create, start, die, destroy …</param>
/// <param name="TimeNano">Nanoseconds since 1970.</param>
public sealed record EngineEvent(string? Type, string? Action, EventActor? Actor, long TimeNano);

/// <summary>What it happened to.</summary>
public sealed record EventActor(string? Id, IReadOnlyDictionary<string, string>? Attributes);
