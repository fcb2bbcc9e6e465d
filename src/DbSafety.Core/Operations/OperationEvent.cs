using DbSafety.Errors;

namespace DbSafety.Operations;

/// <summary>Something an operation has to say while it runs. The front end shows it; Core never writes to a console.</summary>
public abstract record OperationEvent;

/// <summary>How loud a <see cref="MessageEvent"/> is.</summary>
public enum MessageLevel
{
    /// <summary>Commands and settings, without secrets (<c>-Debug</c>).</summary>
    Debug,

    /// <summary>The story as it goes on (<c>-Verbose</c>).</summary>
    Verbose,

    /// <summary>What the user should see even when all goes well.</summary>
    Information,

    /// <summary>What may hurt later.</summary>
    Warning,
}

/// <summary>A line of text.</summary>
public sealed record MessageEvent(MessageLevel Level, string Text) : OperationEvent
{
    /// <summary>Without passwords.</summary>
    public string Text { get; } = Secrets.Mask(Text);
}

/// <summary>How far a piece of work is.</summary>
/// <param name="Activity">What is being done, such as <c>Backing up shop</c>.</param>
/// <param name="Status">What exactly, such as <c>public.orders</c>; empty: as before.</param>
/// <param name="Fraction">0 to 1, or null where the end is not known.</param>
public sealed record ProgressEvent(string Activity, string Status, double? Fraction) : OperationEvent
{
    /// <summary>How many bytes went through since the activity began; null where it does not count them.</summary>
    public long? Bytes { get; init; }

    /// <summary>The activity that this one is a part of.</summary>
    public string? Within { get; init; }
}
