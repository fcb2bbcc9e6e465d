using DbSafety.Errors;
using DbSafety.Integration.Tests.Migrations;
using DbSafety.Migrations;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Docker;

/// <summary>The project's own migration command in the app's container.</summary>
[Collection(DockerEngineCollection.Name)]
public sealed class ContainerCommandTests(DockerEngineFixture docker)
{
    [RootFact]
    public async Task Migration_command_runs_in_the_container_and_its_scripts_are_rehearsed()
    {
        var target = await docker.StartPostgresAsync("command", "shop", "--env", "DATABASE_URL=postgres://postgres@db.internal/shop");
        await PgServer.ExecuteAsync(target, Shop.Schema);
        using var folder = new TempFolder();
        Write(folder, "1_init", "SELECT 1;");
        Write(folder, "2_note", "ALTER TABLE products ADD COLUMN extra text;");
        var events = new RecordedEvents();
        await new ResolveMigration().RunAsync(new MigrationResolveRequest(folder.Path, target, "1_init", MigrationResolution.Baseline), events, CancellationToken.None);
        var checksum = (await new GetMigrations().RunAsync(new MigrationListRequest(folder.Path, target), events, CancellationToken.None))[1].Checksum;
        var sql = $"ALTER TABLE products ADD COLUMN extra text; INSERT INTO _prisma_migrations VALUES ('x', '{checksum}', now(), '2_note', NULL, NULL, now(), 1)";
        var command = new MigrationCommand(["psql", "-qU", "postgres", "-v", "ON_ERROR_STOP=1", "shop", "-c", sql]) { Container = target.Container, DockerHost = docker.Address.Text };

        var run = await new RunSafeMigration().RunAsync(
            new SafeMigrationRequest(folder.Path, target) { Command = command, BackupDestination = Path.Combine(folder.Path, "backups") }, events, CancellationToken.None);

        Assert.Equal((SafeMigrationOutcome.Applied, "2_note"), (run.Outcome, string.Join(' ', run.Applied)));
        Assert.Contains("cannot connect to a copy", run.Stages.Single(s => s.Name == "rehearse").Evidence, StringComparison.Ordinal);
        Assert.Contains($"in {target.Container}", run.Stages.Single(s => s.Name == "apply").Evidence, StringComparison.Ordinal);
        Assert.True(await PgServer.ScalarAsync<bool>(target, "SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'products'::regclass AND attname = 'extra')"));
    }

    [RootTheory]
    [InlineData("other", "psql", "DBS420", "names the database other, not shop")]
    [InlineData("shop", "no-such-program", "DBS418", "no-such-program")]
    [InlineData("shop", "psql --no-such-option", "DBS417", "exit code 1")]
    public async Task Command_for_another_database_is_rejected_and_a_failed_command_leaves_the_database_unchanged(string database, string line, string code, string why)
    {
        var target = await docker.StartPostgresAsync($"command-{code}", "shop", "--env", $"DATABASE_URL=postgres://postgres@db.internal/{database}");
        using var folder = new TempFolder();
        Write(folder, "1_init", "CREATE TABLE made (id int);");
        var events = new RecordedEvents();
        var command = MigrationCommand.Parse([line]) with { Container = target.Container, DockerHost = docker.Address.Text };

        var failure = await Assert.ThrowsAsync<DbSafetyException>(() => new RunSafeMigration().RunAsync(
            new SafeMigrationRequest(folder.Path, target) { Command = command, SkipRehearsal = true, BackupDestination = Path.Combine(folder.Path, "backups") }, events, CancellationToken.None));

        Assert.Equal(code, failure.Code);
        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
        Assert.Equal(SafeMigrationOutcome.RolledBack, Assert.Single(events.All.OfType<SafeMigrationFailedEvent>()).Run.Outcome);
    }

    private static void Write(TempFolder folder, string name, string sql)
    {
        Directory.CreateDirectory(Path.Combine(folder.Path, name));
        File.WriteAllText(Path.Combine(folder.Path, name, "migration.sql"), sql);
    }
}
