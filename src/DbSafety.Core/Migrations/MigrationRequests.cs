using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Migrations;

/// <summary>Which migrations to list, and against which database.</summary>
/// <param name="Path">A Prisma or Drizzle project, its folder of migrations, or a folder of SQL files.</param>
public sealed record MigrationListRequest(string Path, DatabaseTarget Target)
{
    /// <inheritdoc cref="SafeMigrationRequest.Source"/>
    public MigrationSource? Source { get; init; }
}

/// <summary>Which migrations to look through.</summary>
/// <param name="Target">The database to query for live facts and pending migrations; null: all scripts are read, without numbers.</param>
/// <param name="All">List the harmless effects too.</param>
public sealed record MigrationTestRequest(string Path, DatabaseTarget? Target = null, bool All = false)
{
    /// <inheritdoc cref="SafeMigrationRequest.Source"/>
    public MigrationSource? Source { get; init; }

    /// <summary>The SQL itself, instead of the files at <see cref="Path"/>, which is then only its name.</summary>
    public string? Script { get; init; }

    /// <summary>The SQL in UTF-8, instead of the files at <see cref="Path"/>, which is then only its name. It may be long: it is read once, into a temporary file.</summary>
    public Stream? Input { get; init; }

    /// <summary>Only findings of these severities; empty: all.</summary>
    public IReadOnlyList<FindingSeverity> Severities { get; init; } = [];

    /// <summary>Only findings of these rules; empty: all. Specifying a rule of severity Info lists its findings.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>No findings of these rules.</summary>
    public IReadOnlyList<string> ExcludedRules { get; init; } = [];

    /// <summary>Also list schema design advice: types of keys, text and times, names, IF EXISTS. Specifying one of its rules lists only that rule.</summary>
    public bool Style { get; init; }

    internal bool AsksForStyle => Style || Rules.Any(RuleCatalogue.IsStyle);
}
