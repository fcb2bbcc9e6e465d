using DbSafety.Errors;

namespace DbSafety.Operations;

/// <summary>An event of a running operation. The front end shows it; Core never writes to a console.</summary>
public abstract record OperationEvent;

/// <summary>The level of a <see cref="MessageEvent"/>.</summary>
public enum MessageLevel
{
    /// <summary>Commands and settings, without secrets (<c>-Debug</c>).</summary>
    Debug,

    /// <summary>The steps of the operation (<c>-Verbose</c>).</summary>
    Verbose,

    /// <summary>What the user should see even if the operation succeeds.</summary>
    Information,

    /// <summary>What can cause problems later.</summary>
    Warning,
}

/// <summary>A line of text.</summary>
public sealed record MessageEvent(MessageLevel Level, string Text) : OperationEvent
{
    /// <summary>Without passwords.</summary>
    public string Text { get; } = Secrets.Mask(Text);
}

/// <summary>The progress of an activity.</summary>
/// <param name="Activity">The activity, such as <c>Backing up shop</c>.</param>
/// <param name="Status">The current object, such as <c>public.orders</c>; empty: unchanged.</param>
/// <param name="Fraction">0 to 1, or null if the end is unknown.</param>
public sealed record ProgressEvent(string Activity, string Status, double? Fraction) : OperationEvent
{
    /// <summary>The bytes processed since the activity began; null if it does not count them.</summary>
    public long? Bytes { get; init; }

    /// <summary>The parent activity.</summary>
    public string? Within { get; init; }
}
