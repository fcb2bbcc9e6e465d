namespace DbSafety.Docker.Volumes;

/// <summary>What compose writes on containers and volumes (https://docs.docker.com/reference/compose-file/services/#labels).</summary>
internal static class ComposeLabels
{
    public const string Project = "com.docker.compose.project";
    public const string Service = "com.docker.compose.service";

    /// <summary>The volume's name in the compose file, without the project.</summary>
    public const string Volume = "com.docker.compose.volume";
}
