namespace DbSafety.Docker.Engine.Transport;

/// <summary>The stream from or to the engine failed in the middle, as opposed to the files and pipes on our own side.</summary>
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
