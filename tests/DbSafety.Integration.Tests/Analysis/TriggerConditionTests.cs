using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Databases.Connections;
using DbSafety.Integration.Tests.Migrations;
using DbSafety.Migrations;
using DbSafety.Migrations.Live;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>What a trigger of the live database does for another change, or only under a condition, is no loss of an ordinary statement.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class TriggerConditionTests(PgServer pg)
{
    private const string Schema =
        """
        CREATE TABLE sess (id int); INSERT INTO sess SELECT generate_series(1, 5);
        CREATE FUNCTION ends() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM sess; RETURN NEW; END';
        CREATE TABLE of_status (id int, name text, status text); INSERT INTO of_status VALUES (1, 'a', 'b'); CREATE TRIGGER t AFTER UPDATE OF status ON of_status FOR EACH ROW EXECUTE FUNCTION ends();
        CREATE TABLE on_when (id int, name text, status text); INSERT INTO on_when VALUES (1, 'a', 'b'); CREATE TRIGGER t AFTER UPDATE ON on_when FOR EACH ROW WHEN (old.status IS DISTINCT FROM new.status) EXECUTE FUNCTION ends();
        CREATE TABLE always (id int, name text); INSERT INTO always VALUES (1, 'a'); CREATE TRIGGER t AFTER UPDATE ON always FOR EACH ROW EXECUTE FUNCTION ends();
        CREATE TABLE off (id int, name text); INSERT INTO off VALUES (1, 'a'); CREATE TRIGGER t AFTER UPDATE ON off FOR EACH ROW EXECUTE FUNCTION ends(); ALTER TABLE off DISABLE TRIGGER t;
        CREATE FUNCTION syncs() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (TG_OP = 'DELETE') THEN
                DELETE FROM sess;
                RETURN OLD;
            ELSIF TG_OP IN ('INSERT', 'UPDATE') AND (CASE WHEN NEW.id > 0 THEN true ELSE false END) THEN
                PERFORM 1;
            ELSE
                NULL;
            END IF;
            RETURN NEW;
        END$$;
        CREATE TABLE synced (id int, name text); INSERT INTO synced VALUES (1, 'a'); CREATE TRIGGER t AFTER INSERT OR UPDATE OR DELETE ON synced FOR EACH ROW EXECUTE FUNCTION syncs();
        CREATE FUNCTION one_default() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.id < 0 THEN DELETE FROM sess; END IF; RETURN NEW; END';
        CREATE TABLE plain (id int, name text); INSERT INTO plain VALUES (1, 'a');
        CREATE TABLE parent (id int, children int); INSERT INTO parent VALUES (1, 1); CREATE TABLE child (id int, parent int); INSERT INTO child VALUES (1, 1);
        CREATE FUNCTION counts() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN UPDATE parent SET children = (SELECT count(*) FROM child c WHERE c.parent = NEW.parent) WHERE id = NEW.parent; RETURN NULL; END';
        CREATE TRIGGER t AFTER INSERT ON child FOR EACH ROW EXECUTE FUNCTION counts();
        CREATE TABLE moved (id int, name text, status text) PARTITION BY LIST (status); CREATE TABLE moved_a PARTITION OF moved FOR VALUES IN ('a'); CREATE TABLE moved_b PARTITION OF moved FOR VALUES IN ('b');
        INSERT INTO moved VALUES (1, 'x', 'a'), (2, 'y', 'b'); CREATE TRIGGER t AFTER DELETE ON moved FOR EACH ROW EXECUTE FUNCTION ends();
        CREATE TABLE filled (id int, name text, status text) PARTITION BY LIST (status); CREATE TABLE filled_a PARTITION OF filled FOR VALUES IN ('a'); CREATE TABLE filled_b PARTITION OF filled FOR VALUES IN ('b');
        INSERT INTO filled VALUES (1, 'x', 'a'); CREATE TRIGGER t AFTER INSERT ON filled_b FOR EACH ROW EXECUTE FUNCTION ends();
        CREATE TABLE stated (id int, name text) PARTITION BY LIST (id); CREATE TABLE stated_a PARTITION OF stated DEFAULT; INSERT INTO stated VALUES (1, 'x'); CREATE TRIGGER t AFTER UPDATE ON stated_a EXECUTE FUNCTION ends();
        CREATE TABLE kinds (id int, name text, status text) PARTITION BY LIST (status); CREATE TABLE kinds_a PARTITION OF kinds FOR VALUES IN ('a'); CREATE TABLE kinds_b PARTITION OF kinds FOR VALUES IN ('b');
        INSERT INTO kinds VALUES (1, 'x', 'a'); CREATE TRIGGER t AFTER INSERT OR UPDATE OR DELETE ON kinds FOR EACH ROW EXECUTE FUNCTION syncs();
        CREATE TABLE parts (id int, name text, status text) PARTITION BY LIST (status); CREATE TABLE parts_a PARTITION OF parts FOR VALUES IN ('a'); CREATE TABLE parts_b PARTITION OF parts FOR VALUES IN ('b');
        INSERT INTO parts VALUES (1, 'x', 'a');
        CREATE FUNCTION routes() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.status := 'b'; RETURN NEW; END$$; CREATE FUNCTION names() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.name := 'b'; RETURN NEW; END$$;
        CREATE TABLE routed (id int, name text, status text) PARTITION BY LIST (status); CREATE TABLE routed_a PARTITION OF routed FOR VALUES IN ('a'); CREATE TABLE routed_b PARTITION OF routed FOR VALUES IN ('b');
        INSERT INTO routed VALUES (1, 'x', 'a'); CREATE TRIGGER b BEFORE UPDATE ON routed FOR EACH ROW EXECUTE FUNCTION routes(); CREATE TRIGGER t AFTER DELETE ON routed FOR EACH ROW EXECUTE FUNCTION ends();
        CREATE TABLE named (id int, name text, status text) PARTITION BY LIST (status); CREATE TABLE named_a PARTITION OF named FOR VALUES IN ('a');
        INSERT INTO named VALUES (1, 'x', 'a'); CREATE TRIGGER b BEFORE UPDATE ON named FOR EACH ROW EXECUTE FUNCTION names(); CREATE TRIGGER t AFTER DELETE ON named FOR EACH ROW EXECUTE FUNCTION ends();
        CREATE TABLE kept (id int PRIMARY KEY, name text); INSERT INTO kept VALUES (1, 'x'); CREATE TABLE of_kept (id int, kept int REFERENCES kept ON UPDATE CASCADE) PARTITION BY LIST (kept);
        CREATE TABLE of_kept_a PARTITION OF of_kept FOR VALUES IN (1); CREATE TABLE of_kept_b PARTITION OF of_kept FOR VALUES IN (2); INSERT INTO of_kept VALUES (1, 1); CREATE TRIGGER t AFTER DELETE ON of_kept FOR EACH ROW EXECUTE FUNCTION ends();
        CREATE FUNCTION lower_case() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF TG_OP = 'update' THEN NULL; ELSE DELETE FROM sess; END IF; RETURN NULL; END$$;
        CREATE TABLE cased (id int, name text); INSERT INTO cased VALUES (1, 'a'); CREATE TRIGGER t AFTER UPDATE ON cased FOR EACH ROW EXECUTE FUNCTION lower_case();
        CREATE TABLE soft (id int, status text); INSERT INTO soft VALUES (1, 'a'), (2, 'b'); CREATE RULE r AS ON DELETE TO soft DO INSTEAD UPDATE soft SET status = 'deleted' WHERE id = OLD.id;
        CREATE TABLE held (id int); INSERT INTO held VALUES (1), (2); CREATE RULE r AS ON DELETE TO held DO INSTEAD NOTHING; CREATE VIEW of_held AS SELECT * FROM held; CREATE RULE r AS ON DELETE TO of_held DO INSTEAD DELETE FROM sess;
        CREATE TABLE partly (id int); INSERT INTO partly VALUES (1), (2); CREATE RULE r AS ON DELETE TO partly WHERE OLD.id = 1 DO INSTEAD NOTHING;
        CREATE TABLE conditional (id int, name text); INSERT INTO conditional VALUES (1, 'a'); CREATE TRIGGER t AFTER INSERT OR UPDATE ON conditional FOR EACH ROW EXECUTE FUNCTION one_default();
        """;

    [Theory]
    [InlineData("UPDATE of_status SET name = 'x' WHERE id = 1")]
    [InlineData("UPDATE on_when SET name = 'x' WHERE id = 1")]
    [InlineData("UPDATE synced SET name = 'x' WHERE id = 1")]
    [InlineData("INSERT INTO synced VALUES (2, 'b')")]
    [InlineData("INSERT INTO conditional VALUES (2, 'b')")]
    [InlineData("UPDATE off SET name = 'x' WHERE id = 1")]
    [InlineData("ALTER TABLE always DISABLE TRIGGER t; UPDATE always SET name = 'x' WHERE id = 1; ALTER TABLE always ENABLE TRIGGER t")]
    [InlineData("ALTER TABLE always DISABLE TRIGGER USER; UPDATE always SET name = 'x' WHERE id = 1; ALTER TABLE always ENABLE TRIGGER USER")]
    [InlineData("DROP TRIGGER t ON always; UPDATE always SET name = 'x' WHERE id = 1")]
    [InlineData("UPDATE moved SET name = 'z' WHERE id = 1")]
    [InlineData("UPDATE filled SET name = 'z' WHERE id = 1")]
    [InlineData("UPDATE stated SET name = 'z' WHERE id = 1")]
    [InlineData("UPDATE named SET name = 'z' WHERE id = 1")]
    [InlineData("UPDATE kept SET name = 'z' WHERE id = 1")]
    [InlineData("CREATE TRIGGER b BEFORE UPDATE ON moved FOR EACH ROW EXECUTE FUNCTION names(); UPDATE moved SET name = 'z' WHERE id = 1")]
    [InlineData("UPDATE kinds SET name = 'z' WHERE id = 1")]
    [InlineData("CREATE TRIGGER t AFTER DELETE ON parts FOR EACH ROW EXECUTE FUNCTION ends(); UPDATE parts SET name = 'z' WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM sess; RETURN NULL; END$$; CREATE TRIGGER t AFTER DELETE ON parts FOR EACH ROW EXECUTE FUNCTION mine(); UPDATE parts SET name = 'z' WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM sess; RETURN NULL; END$$; CREATE TRIGGER t AFTER DELETE ON plain FOR EACH ROW EXECUTE FUNCTION mine(); UPDATE plain SET name = 'z' WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM sess; RETURN NULL; END$$; CREATE FUNCTION outer_one() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM plain; RETURN NULL; END$$; CREATE TRIGGER t AFTER DELETE ON plain FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION mine(); CREATE TRIGGER u AFTER UPDATE ON parent FOR EACH ROW EXECUTE FUNCTION outer_one(); UPDATE parent SET children = 2 WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM sess; RETURN NULL; END$$; CREATE FUNCTION outer_one() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM plain; RETURN NULL; END$$; CREATE TRIGGER t AFTER DELETE ON plain FOR EACH ROW WHEN (pg_trigger_depth() < 1) EXECUTE FUNCTION mine(); CREATE TRIGGER u AFTER UPDATE ON parent FOR EACH ROW EXECUTE FUNCTION outer_one(); UPDATE parent SET children = 2 WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM sess; RETURN NULL; END$$; CREATE FUNCTION outer_one() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM plain; RETURN NULL; END$$; CREATE TRIGGER t AFTER DELETE ON plain FOR EACH ROW WHEN (pg_trigger_depth() > 3) EXECUTE FUNCTION mine(); CREATE TRIGGER u AFTER UPDATE ON parent FOR EACH ROW EXECUTE FUNCTION outer_one(); UPDATE parent SET children = 2 WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$DECLARE op CONSTANT text := TG_OP; BEGIN IF op = 'DELETE' THEN DELETE FROM sess; END IF; RETURN NULL; END$$; CREATE TRIGGER t AFTER UPDATE OR DELETE ON plain FOR EACH ROW EXECUTE FUNCTION mine(); UPDATE plain SET name = 'z' WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM sess; RETURN NULL; END$$; CREATE TRIGGER t AFTER UPDATE ON parts_a EXECUTE FUNCTION mine(); UPDATE parts SET name = 'z' WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM sess; RETURN NULL; END$$; CREATE TRIGGER t AFTER UPDATE ON plain FOR EACH ROW EXECUTE FUNCTION mine(); UPDATE parts SET name = 'z' WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM sess; RETURN NULL; END$$; CREATE TRIGGER t AFTER INSERT ON parts_a FOR EACH ROW EXECUTE FUNCTION mine(); UPDATE parts SET name = 'z' WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM sess; RETURN NULL; END$$; CREATE TRIGGER t AFTER UPDATE ON parts_a FOR EACH ROW EXECUTE FUNCTION mine(); UPDATE parts_b SET name = 'z' WHERE id = 1")]
    public async Task Trigger_actions_that_the_change_does_not_reach_are_not_a_loss(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", sql);

        Assert.DoesNotContain(await FindAsync(shop), IsLoss);
        await PgServer.ExecuteAsync(shop.Target, sql);
        Assert.Equal(5, await shop.CountAsync("sess"));
    }

    [Theory]
    [InlineData("UPDATE of_status SET status = 'x' WHERE id = 1")]
    [InlineData("UPDATE always SET name = 'x' WHERE id = 1")]
    [InlineData("UPDATE cased SET name = 'x' WHERE id = 1")]
    [InlineData("UPDATE moved SET status = 'b' WHERE id = 1")]
    [InlineData("UPDATE filled SET status = 'b' WHERE id = 1")]
    [InlineData("UPDATE routed SET name = 'z' WHERE id = 1")]
    [InlineData("UPDATE kept SET id = 2 WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.status := 'b'; RETURN NEW; END$$; CREATE TRIGGER b BEFORE UPDATE ON moved FOR EACH ROW EXECUTE FUNCTION mine(); UPDATE moved SET name = 'z' WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.status := 'b'; RETURN NEW; END$$; CREATE TRIGGER b BEFORE UPDATE ON parts FOR EACH ROW EXECUTE FUNCTION mine(); CREATE TRIGGER t AFTER DELETE ON parts FOR EACH ROW EXECUTE FUNCTION ends(); UPDATE parts SET name = 'z' WHERE id = 1")]
    [InlineData("UPDATE kinds SET status = 'b' WHERE id = 1")]
    [InlineData("CREATE TRIGGER t AFTER DELETE ON parts FOR EACH ROW EXECUTE FUNCTION ends(); UPDATE parts SET status = 'b' WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM sess; RETURN NULL; END$$; CREATE TRIGGER t AFTER DELETE ON parts FOR EACH ROW EXECUTE FUNCTION mine(); UPDATE parts SET status = 'b' WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM sess; RETURN NULL; END$$; CREATE TABLE own (id int, status text) PARTITION BY LIST (status); CREATE TABLE own_a PARTITION OF own FOR VALUES IN ('a'); CREATE TABLE own_b PARTITION OF own FOR VALUES IN ('b'); CREATE TRIGGER t AFTER DELETE ON own FOR EACH ROW EXECUTE FUNCTION mine(); INSERT INTO own VALUES (1, 'a'); UPDATE own SET status = 'b' WHERE id = 1")]
    [InlineData("DELETE FROM synced WHERE id = 1")]
    [InlineData("ALTER TABLE off ENABLE TRIGGER t; UPDATE off SET name = 'x' WHERE id = 1")]
    [InlineData("ALTER TABLE always DISABLE TRIGGER t; ALTER TABLE always ENABLE TRIGGER ALL; UPDATE always SET name = 'x' WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM sess; RETURN NULL; END$$; CREATE FUNCTION outer_one() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM plain; RETURN NULL; END$$; CREATE TRIGGER t AFTER DELETE ON plain FOR EACH ROW WHEN (pg_trigger_depth() > 0) EXECUTE FUNCTION mine(); CREATE TRIGGER u AFTER UPDATE ON parent FOR EACH ROW EXECUTE FUNCTION outer_one(); UPDATE parent SET children = 2 WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM sess; RETURN NULL; END$$; CREATE FUNCTION outer_one() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM plain; RETURN NULL; END$$; CREATE TRIGGER t AFTER DELETE ON plain FOR EACH ROW WHEN (pg_trigger_depth() >= 1) EXECUTE FUNCTION mine(); CREATE TRIGGER u AFTER UPDATE ON parent FOR EACH ROW EXECUTE FUNCTION outer_one(); UPDATE parent SET children = 2 WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$DECLARE op text := TG_OP; BEGIN IF op = 'DELETE' THEN DELETE FROM sess; END IF; RETURN NULL; END$$; CREATE TRIGGER t AFTER UPDATE OR DELETE ON plain FOR EACH ROW EXECUTE FUNCTION mine(); DELETE FROM plain WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF TG_OP = 'INSERT' OR NEW.id > 0 THEN DELETE FROM sess; END IF; RETURN NULL; END$$; CREATE TRIGGER t AFTER INSERT ON plain FOR EACH ROW EXECUTE FUNCTION mine(); INSERT INTO plain VALUES (2, 'b')")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM sess; RETURN NULL; END$$; CREATE TRIGGER t AFTER UPDATE ON parts_a FOR EACH ROW EXECUTE FUNCTION mine(); UPDATE parts SET name = 'z' WHERE id = 1")]
    [InlineData("CREATE TRIGGER t AFTER DELETE ON parts_a FOR EACH ROW EXECUTE FUNCTION ends(); DELETE FROM parts WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM sess; RETURN NULL; END$$; CREATE TRIGGER t AFTER INSERT ON parts_b FOR EACH ROW EXECUTE FUNCTION mine(); UPDATE parts SET status = 'b' WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM sess; RETURN NULL; END$$; CREATE TABLE parts_c PARTITION OF parts FOR VALUES IN ('c'); CREATE TRIGGER t AFTER INSERT ON parts_c FOR EACH ROW EXECUTE FUNCTION mine(); INSERT INTO parts VALUES (2, 'x', 'c')")]
    public async Task A_trigger_that_always_deletes_rows_for_the_change_is_a_loss(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", sql);

        Assert.Contains(await FindAsync(shop), IsLoss);
        await PgServer.ExecuteAsync(shop.Target, sql);
        Assert.Equal(0, await shop.CountAsync("sess"));
    }

    [Theory]
    [InlineData("UPDATE conditional SET name = 'x' WHERE id = 1")]
    [InlineData("CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$DECLARE op text := TG_OP; BEGIN op := 'DELETE'; IF op = 'DELETE' THEN DELETE FROM sess; END IF; RETURN NULL; END$$; CREATE TRIGGER t AFTER UPDATE ON plain FOR EACH ROW EXECUTE FUNCTION mine(); UPDATE plain SET name = 'z' WHERE id = 1")]
    public async Task A_conditional_effect_of_a_trigger_is_reported_and_does_not_refuse_the_run(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", sql);

        Assert.Contains(await FindAsync(shop), f => f is { Severity: FindingSeverity.Breaking, Object: "sess" } && f.Message.Contains("if a condition", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("TG_OP NOT IN ('INSERT', 'DELETE')", true)]
    [InlineData("TG_OP = ANY (ARRAY['UPDATE', 'DELETE'])", true)]
    [InlineData("'UPDATE' = TG_OP", true)]
    [InlineData("lower(TG_OP) = 'update'", true)]
    [InlineData("lower(TG_OP) IN ('insert', 'update')", true)]
    [InlineData("lower(TG_OP) = 'UPDATE'", false)]
    [InlineData("TG_OP NOT IN ('UPDATE')", false)]
    [InlineData("'UPDATE' <> TG_OP OR TG_OP = ANY (ARRAY['INSERT'])", false)]
    public async Task A_condition_on_TG_OP_is_evaluated_in_every_notation(string condition, bool isLoss)
    {
        var sql = $"CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF {condition} THEN DELETE FROM sess; END IF; RETURN NULL; END$$;\nCREATE TRIGGER t AFTER UPDATE ON plain FOR EACH ROW EXECUTE FUNCTION mine();\nUPDATE plain SET name = 'x' WHERE id = 1;";
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", sql);

        Assert.Equal(isLoss, (await FindAsync(shop)).Any(IsLoss));
        await PgServer.ExecuteAsync(shop.Target, sql);
        Assert.Equal(isLoss ? 0 : 5, await shop.CountAsync("sess"));
    }

    [Theory]
    [InlineData("", "UPDATE plain SET name = 'x' WHERE id = 1", false)]
    [InlineData("", "DELETE FROM plain WHERE id = 1", true)]
    [InlineData("WHEN (pg_trigger_depth() > 5)", "DELETE FROM plain WHERE id = 1", false)]
    [InlineData("WHEN (pg_trigger_depth() = 0)", "DELETE FROM plain WHERE id = 1", true)]
    [InlineData("WHEN ((pg_catalog.pg_trigger_depth() < 1))", "DELETE FROM plain WHERE id = 1", true)]
    [InlineData("WHEN (pg_trigger_depth() = 0 AND old.id < 5)", "UPDATE plain SET name = 'x' WHERE id = 1", false)]
    public async Task A_trigger_of_the_same_migrations_is_analysed_by_the_branches_that_the_change_reaches(string when, string change, bool isLoss)
    {
        var sql = $"CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF TG_OP = 'DELETE' THEN DELETE FROM sess; END IF; RETURN NULL; END$$;\nCREATE TRIGGER t AFTER UPDATE OR DELETE ON plain FOR EACH ROW {when} EXECUTE FUNCTION mine();\n{change};";
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", sql);

        Assert.Equal(isLoss, (await FindAsync(shop)).Any(IsLoss));
        await PgServer.ExecuteAsync(shop.Target, sql);
        Assert.Equal(isLoss ? 0 : 5, await shop.CountAsync("sess"));
    }

    [Fact]
    public async Task A_trigger_that_updates_a_column_of_referenced_rows_is_reported_and_does_not_refuse_the_run()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", "INSERT INTO child VALUES (2, 1)");

        var findings = await FindAsync(shop);
        Assert.DoesNotContain(findings, f => f.Severity == FindingSeverity.Destructive);
        Assert.Contains(findings, f => f is { Severity: FindingSeverity.Breaking, Object: "parent" } && f.Message.Contains("called by trigger", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("(SELECT count(*)::int AS n FROM child c WHERE c.parent = NEW.parent)", false)]
    [InlineData("(SELECT coalesce(max(c.id), 0) FROM child c WHERE c.parent = NEW.parent)", false)]
    [InlineData("coalesce((SELECT c.id FROM child c WHERE c.parent < 0), 0)", false)]
    [InlineData("(SELECT c.id FROM child c WHERE c.parent < 0)", true)]
    [InlineData("(SELECT sum(c.id) FROM child c WHERE c.parent < 0)", true)]
    [InlineData("(SELECT coalesce(c.id, 0) FROM child c WHERE c.parent < 0)", true)]
    [InlineData("(SELECT count(*) FROM child c WHERE c.parent < 0 GROUP BY c.id)", true)]
    public async Task A_value_that_a_trigger_computes_for_related_rows_refuses_the_run_only_if_it_can_be_NULL(string value, bool isNull)
    {
        var sql = $"CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN UPDATE parent SET children = {value} WHERE id = NEW.parent; RETURN NULL; END$$;\nDROP TRIGGER t ON child;\nCREATE TRIGGER m AFTER INSERT ON child FOR EACH ROW EXECUTE FUNCTION mine();\nINSERT INTO child VALUES (2, 1);";
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", sql);

        Assert.Equal(isNull, (await FindAsync(shop)).Any(f => f is { Severity: FindingSeverity.Destructive, Object: "parent" }));
        await PgServer.ExecuteAsync(shop.Target, sql);
        Assert.Equal(isNull ? 1 : 0, await shop.CountAsync("parent WHERE children IS NULL"));
    }

    [Theory]
    [InlineData("DELETE FROM held", "held", false)]
    [InlineData("DELETE FROM soft WHERE id = 1", "soft", false)]
    [InlineData("DELETE FROM partly", "partly", true)]
    [InlineData("DROP RULE r ON held; DELETE FROM held", "held", true)]
    [InlineData("ALTER TABLE held DISABLE RULE r; DELETE FROM held", "held", true)]
    [InlineData("DO $$ BEGIN DROP RULE r ON held; END $$; DELETE FROM held", "held", true)]
    [InlineData("CREATE OR REPLACE RULE r AS ON DELETE TO held DO ALSO NOTHING; DELETE FROM held", "held", true)]
    [InlineData("SET session_replication_role = replica; DELETE FROM held", "held", true)]
    [InlineData("TRUNCATE held", "held", true)]
    [InlineData("DELETE FROM of_held", "sess", true)]
    public async Task Rows_that_a_rule_protects_are_not_lost(string sql, string table, bool isLoss)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", sql);

        var findings = await FindAsync(shop);
        Assert.Equal(isLoss, findings.Any(f => f is { Severity: FindingSeverity.Destructive, Rule: not "update-rows" } && f.Object == table));
        Assert.DoesNotContain(findings, f => f is { Severity: FindingSeverity.Destructive, Object: "of_held" });
        var before = await shop.CountAsync(table);
        await PgServer.ExecuteAsync(shop.Target, sql);
        Assert.Equal(isLoss, await shop.CountAsync(table) < before);
    }

    /// <summary>The version is handed in: what the catalog shows is the same in all of them.</summary>
    [Fact]
    public async Task Before_version_15_moving_a_row_between_partitions_is_analysed_as_a_delete_for_foreign_keys()
    {
        var target = await pg.CreateDatabaseAsync("moves",
            """
            CREATE TABLE t (id int, d int, v text, PRIMARY KEY (id, d)) PARTITION BY LIST (d); CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1); CREATE TABLE t_2 PARTITION OF t FOR VALUES IN (2);
            INSERT INTO t VALUES (1, 1, 'a'), (2, 1, 'b'); CREATE TABLE k (id int, tid int, td int, FOREIGN KEY (tid, td) REFERENCES t ON DELETE CASCADE); INSERT INTO k VALUES (1, 1, 1), (2, 2, 1), (3, 2, 1);
            """);
        await using var connection = await target.OpenAsync(CancellationToken.None);
        MigrationFinding Of(string sql) => new MigrationAnalyser("public", connection.PostgreSqlVersion.Major) { AsksDatabase = true }.Analyse([new SqlScript("1.sql", sql)]).First(f => f.Computes.Count > 0);
        await using var transaction = await connection.BeginTransactionAsync();
        var cascades = new LiveCascades(transaction, "public");

        var update = Of("UPDATE t SET d = 2 WHERE id = 2");
        Assert.Equal((true, false), (LiveCascades.MayMove(update, 14), LiveCascades.MayMove(update, 15)));
        var finding = Assert.Single(await cascades.MovedAsync(update, CancellationToken.None));
        Assert.Equal((FindingSeverity.Destructive, "delete-rows:k"), (finding.Severity, finding.AllowAs));
        Assert.Contains("with rows of t, where the update moves rows between partitions: up to 2 rows would be lost", finding.Message, StringComparison.Ordinal);
        Assert.Empty(await cascades.MovedAsync(Of("UPDATE t SET v = 'x' WHERE id = 2"), CancellationToken.None));
    }

    private static bool IsLoss(MigrationFinding finding) => finding is { Severity: FindingSeverity.Destructive, Object: "sess" };

    private static Task<IReadOnlyList<MigrationFinding>> FindAsync(Shop shop) =>
        new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations, shop.Target, All: true), shop.Events, CancellationToken.None);
}
