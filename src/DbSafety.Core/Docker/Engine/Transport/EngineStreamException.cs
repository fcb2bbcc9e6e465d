namespace DbSafety.Docker.Engine.Transport;

/// <summary>The stream from or to the engine failed in the middle, as opposed to local files and pipes.</summary>
internal sealed class EngineStreamException : IOException
{
    public EngineStreamException(string message)
        : base(message)
    {
    }

    public EngineStreamException(Exception cause)
        : base(cause.Message, cause)
    {
    }
}
