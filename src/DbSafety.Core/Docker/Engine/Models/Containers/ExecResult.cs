namespace DbSafety.Docker.Engine.Models.Containers;

/// <summary>The result of a program in a container. 126 and 127: it could not be run.</summary>
public sealed record ExecResult(int ExitCode, string Output, string Error);
