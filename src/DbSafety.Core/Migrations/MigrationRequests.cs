using DbSafety.Databases;

namespace DbSafety.Migrations;

/// <summary>Which migrations to list, and against which database.</summary>
/// <param name="Path">A Prisma or Drizzle project, its folder of migrations, or a folder of SQL files.</param>
public sealed record MigrationListRequest(string Path, DatabaseTarget Target);

/// <summary>Which migrations to look through.</summary>
/// <param name="Target">Asked for live facts, and for what is pending; null: all scripts are read, without numbers.</param>
/// <param name="All">List the harmless effects too.</param>
public sealed record MigrationTestRequest(string Path, DatabaseTarget? Target = null, bool All = false);
