namespace DbSafety.Docker.Volumes.Facts;

/// <summary>What compose writes on containers and volumes (https://docs.docker.com/reference/compose-file/services/#labels).</summary>
internal static class ComposeLabels
{
    public const string Project = "com.docker.compose.project";
    public const string Service = "com.docker.compose.service";

    /// <summary>The compose files, with commas between them.</summary>
    public const string ConfigFiles = "com.docker.compose.project.config_files";

    /// <summary>The folder the project was started in.</summary>
    public const string WorkingFolder = "com.docker.compose.project.working_dir";

    /// <summary>The files that replaced <c>.env</c> (<c>--env-file</c>), with commas between them; compose 2 alone writes it.</summary>
    public const string EnvironmentFile = "com.docker.compose.project.environment_file";

    /// <summary><c>True</c> for what <c>compose run</c> created.</summary>
    public const string OneOff = "com.docker.compose.oneoff";

    /// <summary>The volume's name in the compose file, without the project.</summary>
    public const string Volume = "com.docker.compose.volume";
}
