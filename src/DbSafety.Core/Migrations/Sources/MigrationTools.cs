using System.Text.RegularExpressions;
using DbSafety.Migrations.Sources.Flyway;
using DbSafety.Migrations.Sources.Reading;

namespace DbSafety.Migrations.Sources;

/// <summary>The migration tools that are known.</summary>
internal static partial class MigrationTools
{
    private static ScriptMarks Marks(string tool) => ScriptMarks.All.First(m => m.Tool == tool);

    private static readonly HistoryTable OfDbmate = HistoryTable.Dbmate with { KeepsText = true };

    public static MigrationTool Dbmate { get; } = new("dbmate", "dbmate up")
    {
        Folders = ["db/migrations", "migrations"], Mark = Marks("dbmate").Up, Parts = Marks("dbmate"), Read = ToolScripts.Dbmate, ConfiguredFolder = ToolConfigs.Dbmate, Configure = ConfiguredDbmate, Histories = [OfDbmate], AppliesLateOnes = true,
    };

    public static MigrationTool Goose { get; } = new("goose", "goose up")
    {
        Folders = ["migrations", "db/migrations"], Mark = Marks("goose").Up, Parts = Marks("goose"), Code = GoMigration(), CodeMark = GooseCode(), ConfiguredFolder = ToolConfigs.Goose, Read = ToolScripts.Goose, Histories = [HistoryTable.Goose],
    };

    public static MigrationTool SqlMigrate { get; } = new("sql-migrate", "sql-migrate up")
    {
        Signs = ["dbconfig.yml"], ConfiguredFolder = ToolConfigs.SqlMigrate, Configure = ConfiguredSqlMigrate, Mark = Marks("sql-migrate").Up, Parts = Marks("sql-migrate"), Read = ToolScripts.All, Histories = [HistoryTable.SqlMigrate], AppliesLateOnes = true,
    };

    public static MigrationTool NodePgMigrate { get; } = new("node-pg-migrate", "npx node-pg-migrate up")
    {
        Signs = ["package.json:\"node-pg-migrate\""], Mark = NodeMark(), IsMarkAnyones = true, Parts = Marks("node-pg-migrate"), Read = ToolScripts.NodePgMigrate, ConfiguredFolder = ToolConfigs.NodePgMigrate, Code = JavaScriptMigration(), CodeMark = NodeCode(), ProgramIn = ToolScripts.NodeProgramIn, Histories = [HistoryTable.NodePgMigrate],
    };

    public static MigrationTool Tern { get; } = new("tern", "tern migrate")
    {
        Signs = ["tern.conf"], Inside = ["tern.conf"], Mark = Marks("tern").Down, Parts = Marks("tern"), Read = ToolScripts.Tern, Histories = [HistoryTable.Tern],
    };

    public static MigrationTool Flyway { get; } = new("Flyway", "flyway migrate")
    {
        Folders = ["sql", "db/migration", "src/main/resources/db/migration", "migrations"], Signs = ["flyway.conf", "flyway.toml", "conf/flyway.conf", "conf/flyway.toml"], Names = FlywayName(),
        Read = FlywayScripts.Read, Callbacks = FlywayScripts.Callbacks, ProgramIn = FlywayScripts.ProgramIn, Configure = ConfiguredFlyway, Histories = [HistoryTable.Flyway, HistoryTable.FlywayBefore],
    };

    public static MigrationTool Supabase { get; } = new("Supabase", "supabase db push --db-url")
    {
        Folders = ["supabase/migrations", "migrations"], Signs = ["supabase/config.toml", "config.toml:project_id"], RunsBeside = ["supabase/config.toml"], Read = ToolScripts.Supabase, Histories = [HistoryTable.Supabase with { KeepsText = true }],
    };

    public static MigrationTool Atlas { get; } = new("Atlas", "atlas migrate apply --url")
    {
        Inside = ["atlas.sum"], Read = ToolScripts.Listed, Histories = [HistoryTable.Atlas],
    };

    public static MigrationTool GraphileMigrate { get; } = new("graphile-migrate", "npx graphile-migrate migrate")
    {
        Signs = [".gmrc", ".gmrc.js", ".gmrc.cjs"], Inside = ["committed/*.sql", "committed/.gitkeep"], Mark = GraphileMark(), Read = ToolScripts.Graphile, Callbacks = GraphileSettings.Callbacks, ConfiguredFolder = ToolConfigs.Graphile, Histories = [HistoryTable.GraphileMigrate],
    };

    public static MigrationTool DbMigrate { get; } = new("db-migrate", "npx db-migrate up")
    {
        Signs = ["database.json"], Inside = ["sqls/*-up.sql"], ConfiguredFolder = ToolConfigs.DbMigrate, ReadsPrograms = true, Code = JavaScriptMigration(), CodeMark = DbMigrateCode(), Read = ToolScripts.DbMigrate, Histories = [HistoryTable.DbMigrate], AppliesLateOnes = true,
    };

    public static MigrationTool Sqitch { get; } = new("sqitch", "sqitch deploy")
    {
        Folders = [], Inside = ["sqitch.plan"], RunsBeside = ["sqitch.conf", "sqitch.plan"], ConfiguredFolder = p => SqitchConfig.In(p)?.TopFolder, Configure = ConfiguredSqitch, Read = ToolScripts.Sqitch, Histories = [HistoryTable.Sqitch],
    };

    public static MigrationTool Liquibase { get; } = new("Liquibase", "liquibase update")
    {
        Folders = ["changelog", "db/changelog", "src/main/resources/db/changelog"], Signs = ["liquibase.properties"], Inside = ["*changelog*.xml", "*changelog*.yaml", "*changelog*.yml", "*changelog*.json"], Mark = LiquibaseMark(), Code = LiquibaseCode(), CodeMark = LiquibaseCodeMark(),
        Read = LiquibaseScripts.Read, Histories = [HistoryTable.Liquibase], AppliesLateOnes = true,
    };

    public static MigrationTool Hasura { get; } = new("Hasura", "hasura migrate apply")
    {
        Folders = ["migrations", "hasura/migrations"], Signs = ["config.yaml:endpoint", "config.yaml:metadata_directory"], Inside = ["default/*/up.sql"], ConfiguredFolder = ToolConfigs.Hasura, Configure = f => OfDatabase(Hasura!, f), Read = ToolScripts.UpInFolders,
        Histories = [HistoryTable.Hasura, HistoryTable.HasuraBefore], AppliesLateOnes = true,
    };

    public static MigrationTool Diesel { get; } = new("Diesel", "diesel migration run")
    {
        Signs = ["diesel.toml", "Cargo.toml:diesel"], ConfiguredFolder = ToolConfigs.Diesel, Read = ToolScripts.Diesel, Histories = [HistoryTable.Diesel], AppliesLateOnes = true,
    };

    /// <summary>up.sql next to down.sql, without a configuration that shows their tool.</summary>
    public static MigrationTool HasuraOrDiesel { get; } = new("Hasura or Diesel", "diesel migration run")
    {
        Inside = ["*/up.sql"], IsShapeOnly = true, Configure = f => OfDatabase(HasuraOrDiesel!, f), Read = ToolScripts.UpInFolders, Histories = [HistoryTable.Diesel, HistoryTable.Hasura, HistoryTable.HasuraBefore], AppliesLateOnes = true,
    };

    public static MigrationTool Sqlx { get; } = new("sqlx", "sqlx migrate run")
    {
        Signs = ["sqlx.toml", "Cargo.toml:sqlx"], Read = ToolScripts.Sqlx, Histories = [HistoryTable.Sqlx], AppliesLateOnes = true,
    };

    public static MigrationTool GolangMigrate { get; } = new("golang-migrate", "migrate -path migrations -database URL up")
    {
        Folders = ["migrations", "db/migrations"], Signs = ["go.mod:golang-migrate/migrate"], Read = ToolScripts.GolangMigrate, Histories = [HistoryTable.GolangMigrate],
    };

    /// <summary>Pairs of files, without a configuration that shows their tool.</summary>
    public static MigrationTool Pairs { get; } = new("golang-migrate, sqlx or a tool like them", "migrate -path migrations -database URL up")
    {
        Folders = ["migrations", "db/migrations"], Names = PairName(), IsShapeOnly = true, Read = ToolScripts.Pairs,
        Histories = [HistoryTable.GolangMigrate, HistoryTable.Sqlx, HistoryTable.NodePgMigrate, HistoryTable.Dbmate, HistoryTable.Migratus],
    };

    public static MigrationTool Refinery { get; } = new("refinery", "refinery migrate")
    {
        Folders = ["migrations", "src/migrations", "sql_migrations"], Signs = ["refinery.toml", "Cargo.toml:refinery"], Read = ToolScripts.Refinery, Histories = [HistoryTable.Refinery],
    };

    public static MigrationTool Rails { get; } = Program("Rails", "bin/rails db:migrate", RubyMigration(), RailsCode(), HistoryTable.Dbmate) with { Roots = ["config/application.rb", "Rakefile:Rails.application"], Folders = ["db/migrate", "migrate"] };

    public static MigrationTool Prisma8 { get; } = new("Prisma 8", "npx prisma db migrate")
    {
        Folders = ["migrations", "prisma/migrations"], Inside = ["*/*/ops.json", "*/ops.json"], RunsBeside = ["prisma-next.config.ts", "prisma-next.config.js", "prisma-next.config.mjs", "prisma.config.ts", "package.json"], Read = Prisma8Folder.Read, Histories = [HistoryTable.Prisma8],
    };

    /// <summary>The order matters if two tools recognise the same folder by signs of the same weight.</summary>
    public static IReadOnlyList<MigrationTool> All { get; } =
    [
        Atlas, Dbmate, Goose, SqlMigrate, NodePgMigrate, Tern, Flyway, Supabase, GraphileMigrate, DbMigrate, Sqitch, Liquibase, Hasura, Diesel, HasuraOrDiesel, Sqlx, GolangMigrate, Refinery, Pairs, Prisma8, Rails,
        Program("Knex", "npx knex migrate:latest", JavaScriptMigration(), KnexCode(), HistoryTable.Knex) with { Roots = ["knexfile.js", "knexfile.ts", "knexfile.cjs", "knexfile.mjs"] },
        Program("TypeORM", "npx typeorm migration:run", JavaScriptMigration(), TypeOrmCode(), HistoryTable.TypeOrm) with { Roots = ["ormconfig.json", "ormconfig.js", "ormconfig.ts", "ormconfig.yml", "data-source.ts:typeorm", "src/data-source.ts:typeorm"], Folders = ["migrations", "src/migrations", "src/migration"] },
        Program("Sequelize", "npx sequelize-cli db:migrate", JavaScriptMigration(), SequelizeCode(), HistoryTable.Sequelize) with { Roots = [".sequelizerc"], Folders = ["migrations", "db/migrations"] },
        Program("MikroORM", "npx mikro-orm migration:up", JavaScriptMigration(), MikroCode(), HistoryTable.MikroOrm) with { Roots = ["mikro-orm.config.ts", "mikro-orm.config.js", "src/mikro-orm.config.ts"], Folders = ["migrations", "src/migrations"] },
        Program("Kysely", "npx kysely migrate:latest", JavaScriptMigration(), KyselyCode(), HistoryTable.Kysely) with { Roots = ["kysely.config.ts", "kysely.config.js"], Folders = ["migrations", "src/migrations"] },
        Program("Alembic", "alembic upgrade head", PythonMigration(), AlembicCode(), HistoryTable.Alembic) with { Roots = ["alembic.ini"], Folders = ["alembic/versions", "migrations/versions", "versions"] },
        Program("Django", "python manage.py migrate", PythonMigration(), DjangoCode(), HistoryTable.Django) with { Roots = ["manage.py:django"] },
        Program("Laravel", "php artisan migrate", PhpMigration(), LaravelCode(), HistoryTable.Laravel) with { Roots = ["artisan"], Folders = ["database/migrations"] },
        Program("Entity Framework", "dotnet ef database update", CSharpMigration(), EntityFrameworkCode(), HistoryTable.EntityFramework) with { Folders = ["Migrations"] },
        Program("Ecto", "mix ecto.migrate", ElixirMigration(), EctoCode(), HistoryTable.Ecto) with { Roots = ["mix.exs:ecto_sql"], Folders = ["priv/repo/migrations"] },
    ];

    /// <summary>The tool whose programs are below a project's folder, and the file that shows it; null: none is known.</summary>
    public static (MigrationTool Tool, string File)? OfProject(string folder) =>
        All.SelectMany(t => t.Roots.Where(r => ProjectFolders.HasSign(folder, r)).Select(r => ((MigrationTool, string)?)(t, r.Split(':')[0]))).FirstOrDefault();

    /// <summary>A tool as the project of a folder configures it.</summary>
    public static MigrationTool Configured(MigrationTool tool, string folder) => HistoryNames.Named(WithAtlas(tool.Configure?.Invoke(folder) ?? tool, folder), folder);

    /// <summary>Either the tool whose format the files have runs them, or Atlas.</summary>
    private static MigrationTool WithAtlas(MigrationTool tool, string folder) =>
        tool.Name != Atlas.Name && AtlasFolder.HasSum(folder) ? tool with { Histories = [.. tool.Histories, HistoryTable.Atlas] } : tool;

    /// <summary>The history is one table for all projects of a database.</summary>
    private static MigrationTool ConfiguredSqitch(string folder) =>
        SqitchConfig.For(folder) is var config && ToolConfigs.SqitchProject(config.Plan) is { } project
            ? Sqitch with { Histories = [HistoryTable.OfSqitchProject(project) with { Schema = config.Registry ?? HistoryTable.Sqitch.Schema }] } : Sqitch;

    private static MigrationTool ConfiguredSqlMigrate(string folder) =>
        ToolConfigs.SqlMigrateTable(ProjectRoot.Above(folder, "dbconfig.yml")) is { } table ? SqlMigrate with { Histories = [HistoryTable.SqlMigrate with { Table = table, IsNamed = true }] } : SqlMigrate;

    private static MigrationTool OfDatabase(MigrationTool tool, string folder) =>
        ToolScripts.HasuraDatabase(folder) is { } database ? tool with { Histories = [.. tool.Histories.Select(h => h == HistoryTable.Hasura ? HistoryTable.OfHasuraDatabase(database) : h)] } : tool;

    private static MigrationTool ConfiguredDbmate(string folder)
    {
        var project = ProjectRoot.Above(folder, ".env");
        return ToolConfigs.Variable(project, "DBMATE_MIGRATIONS_TABLE") is { } table ? Dbmate with { Histories = [OfDbmate.At(table)] } : Dbmate;
    }

    private static MigrationTool ConfiguredFlyway(string folder)
    {
        var settings = FlywaySettings.Of(folder);
        var histories = settings.Table is { } table ? [HistoryTable.Flyway with { Table = table, IsNamed = true }] : Flyway.Histories;
        return Flyway with
        {
            Histories = settings.Schema is { } schema ? [.. histories.Select(h => h with { Schema = schema, IsConfigured = true })] : histories,
            AppliesLateOnes = settings.IsOutOfOrder,
            BaselineOnMigrate = settings.BaselineOnMigrate,
            SearchPath = settings.Schema,
        };
    }

    private static MigrationTool Program(string name, string command, Regex code, Regex mark, HistoryTable history) => new(name, command) { Code = code, CodeMark = mark, Histories = [history] };

    [GeneratedRegex(@"^[A-Za-z]{1,8}\d+([._]\d+)*__|^R__")]
    private static partial Regex FlywayName();

    [GeneratedRegex(@"\.up\.sql$|\.down\.sql$", RegexOptions.IgnoreCase)]
    private static partial Regex PairName();

    [GeneratedRegex(@"^\s*--[\s-]*(up|down)\s+migration", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex NodeMark();

    [GeneratedRegex(@"\A\uFEFF?--! (Previous|Hash):", RegexOptions.None)]
    private static partial Regex GraphileMark();

    [GeneratedRegex(@"\A\s*--\s*liquibase\s+formatted\s+sql", RegexOptions.IgnoreCase)]
    private static partial Regex LiquibaseMark();

    [GeneratedRegex(@"\.(xml|ya?ml|json)$", RegexOptions.IgnoreCase)]
    private static partial Regex LiquibaseCode();

    [GeneratedRegex(@"<changeSet|changeSet""?\s*:", RegexOptions.None)]
    private static partial Regex LiquibaseCodeMark();

    [GeneratedRegex(@"^\d+_.*\.go$")]
    private static partial Regex GoMigration();

    [GeneratedRegex(@"goose\.Add(Named)?Migration")]
    private static partial Regex GooseCode();

    [GeneratedRegex(@"^(Migration)?\d+.*\.[cm]?[jt]s$")]
    private static partial Regex JavaScriptMigration();

    [GeneratedRegex(@"\bpgm\b|node-pg-migrate|MigrationBuilder")]
    private static partial Regex NodeCode();

    [GeneratedRegex(@"db-migrate|\bdbm\b|exports\._meta")]
    private static partial Regex DbMigrateCode();

    [GeneratedRegex(@"\bknex\b", RegexOptions.IgnoreCase)]
    private static partial Regex KnexCode();

    [GeneratedRegex(@"\bMigrationInterface\b|\bqueryRunner\b")]
    private static partial Regex TypeOrmCode();

    [GeneratedRegex(@"queryInterface|sequelize", RegexOptions.IgnoreCase)]
    private static partial Regex SequelizeCode();

    [GeneratedRegex(@"@mikro-orm/migrations")]
    private static partial Regex MikroCode();

    [GeneratedRegex(@"from ['""]kysely['""]|require\(['""]kysely['""]\)")]
    private static partial Regex KyselyCode();

    [GeneratedRegex(@"^\d+_.*\.rb$")]
    private static partial Regex RubyMigration();

    [GeneratedRegex(@"ActiveRecord::Migration")]
    private static partial Regex RailsCode();

    [GeneratedRegex(@"^\w+_\w+\.py$")]
    private static partial Regex PythonMigration();

    [GeneratedRegex(@"^down_revision\b", RegexOptions.Multiline)]
    private static partial Regex AlembicCode();

    [GeneratedRegex(@"migrations\.Migration\b")]
    private static partial Regex DjangoCode();

    [GeneratedRegex(@"^\d+_.*\.php$")]
    private static partial Regex PhpMigration();

    [GeneratedRegex(@"Illuminate\\Database\\Migrations")]
    private static partial Regex LaravelCode();

    [GeneratedRegex(@"^\d+_.*\.cs$")]
    private static partial Regex CSharpMigration();

    [GeneratedRegex(@":\s*Migration\b")]
    private static partial Regex EntityFrameworkCode();

    [GeneratedRegex(@"^\d+_.*\.exs$")]
    private static partial Regex ElixirMigration();

    [GeneratedRegex(@"use Ecto\.Migration")]
    private static partial Regex EctoCode();
}
