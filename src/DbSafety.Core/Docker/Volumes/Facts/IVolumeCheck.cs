namespace DbSafety.Docker.Volumes.Facts;

/// <summary>One question about a container's data.</summary>
internal interface IVolumeCheck
{
    /// <summary>The answer; null when the question does not arise.</summary>
    VolumeCheck? Check(VolumeFacts facts);
}
