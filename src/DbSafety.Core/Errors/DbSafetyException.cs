namespace DbSafety.Errors;

/// <summary>The only exception type of DbSafety: a code, a message, a hint and the exit code, all from the <see cref="ErrorCatalogue"/>.</summary>
public sealed class DbSafetyException : Exception
{
    internal DbSafetyException(ErrorDefinition definition, string message, string hint, string target, Exception? cause)
        : base(Secrets.Mask(message), cause)
    {
        Definition = definition;
        // The arguments can contain passwords.
        Hint = Secrets.Mask(hint);
        Target = Secrets.Mask(target);
    }

    public ErrorDefinition Definition { get; }

    public string Code => Definition.Code;

    public ErrorKind Kind => Definition.Kind;

    public int ExitCode => (int)Definition.Kind;

    /// <summary>What to do next.</summary>
    public string Hint { get; }

    /// <summary>The subject of the error: a database, a file, a container.</summary>
    public string Target { get; }
}
