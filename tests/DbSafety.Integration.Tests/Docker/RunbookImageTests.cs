using System.Text.Json;

namespace DbSafety.Integration.Tests.Docker;

/// <summary>The image for Kubernetes, built from its Dockerfile with stand-ins for the images that it is based on, and run as the cron jobs run it.</summary>
[Collection(DockerEngineCollection.Name)]
public sealed class RunbookImageTests(DockerEngineFixture docker)
{
    [LongFact(needsRoot: true)]
    public async Task The_image_backs_up_and_drills_without_privileges_on_a_read_only_file_system()
    {
        var image = docker.Name("runbooks");
        var server = await docker.RunAsync("night", docker.Images.Postgres, "--env", "POSTGRES_DB=shop");
        await docker.DockerAsync("exec", server, "psql", "-U", "postgres", "-qd", "shop", "-c", "CREATE TABLE t AS SELECT 1 AS id");
        var state = await docker.VolumeAsync("state");
        try
        {
            await docker.BuildRunbooksAsync(image);
            // As the pod: an unprivileged user, no capabilities, settings in the environment. The server is on the loopback address.
            string[] pod =
            [
                "run", "--rm", "--network", $"container:{server}", "--user", "999:999", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--read-only", "--tmpfs", "/tmp:mode=1777", "--volume", $"{state}:/var/lib/dbsafety",
                "--env", "DATABASES=shop", "--env", "URL_shop=postgres://postgres:not-a-secret@127.0.0.1/shop", "--env", "ENVIRONMENT=prod", "--env", "HOME=/tmp", "--env", "DBSAFETY_LOG=/var/lib/dbsafety/log", image,
            ];
            var night = JsonDocument.Parse(await docker.DockerAsync(pod)).RootElement;
            Assert.Equal(("nightly", 0, 1), (night.GetProperty("job").GetString(), night.GetProperty("exitCode").GetInt32(), night.GetProperty("databases")[0].GetProperty("rows").GetInt32()));
            var drill = JsonDocument.Parse(await docker.DockerAsync([.. pod, "/opt/dbsafety/runbooks/weekly-drill.sh"])).RootElement;
            Assert.Equal(("drill", 0), (drill.GetProperty("job").GetString(), drill.GetProperty("exitCode").GetInt32()));
        }
        finally
        {
            await docker.DockerAsync("rmi", "--force", image, image + "-base");
        }
    }
}
