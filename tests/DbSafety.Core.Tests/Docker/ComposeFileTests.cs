using DbSafety.Docker.Compose;
using DbSafety.Docker.Engine.Models.Containers;

namespace DbSafety.Core.Tests.Docker;

public sealed class ComposeFileTests
{
    [Theory]
    [InlineData("", "", "myshop_2")]
    [InlineData("name: store\n", "", "store")]
    [InlineData("name: ${STORE_OF_COMPOSE_TESTS:-fallback}-x\n", "", "fallback-x")]
    [InlineData("name: ${STORE_OF_COMPOSE_TESTS}\n", "STORE_OF_COMPOSE_TESTS=beside", "beside")]
    [InlineData("name: store\n", "COMPOSE_PROJECT_NAME='stronger'", "stronger")]
    public void The_project_name_matches_the_name_that_Compose_uses(string head, string beside, string project) => InFolder(file =>
    {
        File.WriteAllText(file, head + "services:\n  db: &db {image: postgres}\n  db2: *db\n");
        if (beside.Length > 0)
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(file)!, ".env"), beside + "\n");

        var read = ComposeFile.Read(file);

        Assert.Equal((project, "db db2"), (read.Project, string.Join(' ', read.Services)));
    });

    /// <summary>As compose 1 (what it was given, and its folder) and compose 2 (whole paths) label them.</summary>
    [Theory]
    [InlineData("compose.yaml", "", true)]
    [InlineData("/elsewhere/base.yml,HERE/compose.yaml", "", true)]
    [InlineData("compose.yaml", "True", false)]
    [InlineData("other.yaml", "", false)]
    public void Containers_are_matched_by_the_Compose_file_that_created_them(string files, string oneOff, bool made) => InFolder(file =>
    {
        File.WriteAllText(file, "services: {}\n");
        var folder = Path.GetDirectoryName(file)!;
        var container = new ContainerSummary
        {
            Id = "0",
            Labels = new Dictionary<string, string>
            {
                ["com.docker.compose.project.config_files"] = files.Replace("HERE", folder, StringComparison.Ordinal),
                ["com.docker.compose.project.working_dir"] = folder,
                ["com.docker.compose.oneoff"] = oneOff,
            },
        };

        Assert.Equal(made, ComposeFile.Read(file).HasCreated(container));
    });

    private static void InFolder(Action<string> test)
    {
        var folder = Directory.CreateTempSubdirectory("dbs-compose-");
        try
        {
            test(Path.Combine(folder.CreateSubdirectory("My Shop_2").FullName, "compose.yaml"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
