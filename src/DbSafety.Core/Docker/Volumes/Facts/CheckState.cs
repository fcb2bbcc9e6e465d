namespace DbSafety.Docker.Volumes.Facts;

/// <summary>How a check ended, the better ones first: a test is as good as its worst check.</summary>
public enum CheckState
{
    Pass,

    /// <summary>It could not be found out; the evidence says why.</summary>
    Unknown,

    /// <summary>The data is safe as things are; what may change that is said.</summary>
    Warn,

    /// <summary>The data will be, or already is, lost to something that people do every day.</summary>
    Fail,
}
