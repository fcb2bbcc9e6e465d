namespace DbSafety.Errors;

/// <summary>One entry of the <see cref="ErrorCatalogue"/>: a stable code, a message and a hint.</summary>
/// <param name="Code"><c>DBS</c> and three digits; never changes.</param>
/// <param name="Kind">Determines the category and the exit code.</param>
/// <param name="Message">A composite format; <c>{0}</c> is always the target, and <see cref="Advice"/> is in braces: <c>{--in-place}</c>.</param>
/// <param name="Hint">What to do next; has the same arguments as the message.</param>
public sealed record ErrorDefinition(string Code, ErrorKind Kind, string Message, string Hint)
{
    /// <summary>Creates the exception. <paramref name="target"/> is the subject of the error: a database, a file, a container.</summary>
    public DbSafetyException For(string target, params object?[] more) => Because(null, target, more);

    /// <inheritdoc cref="For"/>
    public DbSafetyException Because(Exception? cause, string target, params object?[] more)
    {
        object?[] arguments = [target, .. more];
        return new DbSafetyException(
            this,
            Advice.Format(Message, arguments),
            Advice.Format(Hint, arguments),
            target,
            cause);
    }
}
