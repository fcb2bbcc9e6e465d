namespace DbSafety.Docker.Engine.Models.Containers;

/// <summary>How a program inside a container ended. 126 and 127: it could not be run at all.</summary>
public sealed record ExecResult(int ExitCode, string Output, string Error);
