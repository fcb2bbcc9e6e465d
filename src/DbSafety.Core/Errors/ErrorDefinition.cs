using System.Globalization;

namespace DbSafety.Errors;

/// <summary>One entry of the <see cref="ErrorCatalogue"/>: a stable code, a message and a way out.</summary>
/// <param name="Code">Stable for ever; <c>DBS</c> and three digits.</param>
/// <param name="Kind">Decides category and exit code.</param>
/// <param name="Message">A composite format; <c>{0}</c> is always the target.</param>
/// <param name="Hint">What to do now; takes the same arguments as the message.</param>
public sealed record ErrorDefinition(string Code, ErrorKind Kind, string Message, string Hint)
{
    /// <summary>Makes the exception. <paramref name="target"/> is what the error is about: a database, a file, a container.</summary>
    public DbSafetyException For(string target, params object?[] more) => Because(null, target, more);

    /// <inheritdoc cref="For"/>
    public DbSafetyException Because(Exception? cause, string target, params object?[] more)
    {
        object?[] arguments = [target, .. more];
        return new DbSafetyException(
            this,
            string.Format(CultureInfo.InvariantCulture, Message, arguments),
            string.Format(CultureInfo.InvariantCulture, Hint, arguments),
            target,
            cause);
    }
}
