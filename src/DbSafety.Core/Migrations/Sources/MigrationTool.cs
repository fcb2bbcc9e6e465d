using System.Text.RegularExpressions;
using DbSafety.Migrations.Sources.Reading;

namespace DbSafety.Migrations.Sources;

/// <summary>
/// A migration tool that keeps its own history, and that runs its migrations itself: how its folder is recognised, which files it runs in which order, and
/// where it records them. Prisma, Drizzle and plain SQL files are not among them: DbSafety runs those.
/// </summary>
/// <param name="Name">As its documentation writes it.</param>
/// <param name="Command">The usual command that applies all pending migrations.</param>
internal sealed record MigrationTool(string Name, string Command)
{
    /// <summary>Where its migrations are, relative to the project's folder.</summary>
    public IReadOnlyList<string> Folders { get; init; } = ["migrations"];

    /// <summary>A file of the project's folder that configures it: its name, or <c>name:text</c> that it must contain.</summary>
    public IReadOnlyList<string> Signs { get; init; } = [];

    /// <summary>As <see cref="Signs"/>, of a tool whose migrations are programs, wherever the project has them.</summary>
    public IReadOnlyList<string> Roots { get; init; } = [];

    /// <summary>Files of the folder in which its users type its commands, as <see cref="Signs"/>, the first that is found; null: the nearest of those.</summary>
    public IReadOnlyList<string>? RunsBeside { get; init; }

    /// <summary>A path that exists only in a folder of this tool's migrations, with wildcards in its parts.</summary>
    public IReadOnlyList<string> Inside { get; init; } = [];

    /// <summary>Marks in its scripts.</summary>
    public Regex? Mark { get; init; }

    /// <summary>The marks can be comments in the scripts of any other tool.</summary>
    public bool IsMarkAnyones { get; init; }

    /// <summary>Marks between the part of a script that migrates and the part that undoes it; null: it has none.</summary>
    public ScriptMarks? Parts { get; init; }

    /// <summary>The folder of migrations that the project's configuration specifies, in place of <see cref="Folders"/>; null: it specifies none.</summary>
    public Func<string, string?> ConfiguredFolder { get; init; } = _ => null;

    /// <summary>File names by which a folder could belong to this tool, if nothing else shows it.</summary>
    public Regex? Names { get; init; }

    /// <summary>Files that are programs: a folder with one cannot be read, unless <see cref="ReadsPrograms"/>.</summary>
    public Regex? Code { get; init; }

    /// <summary>Text that each program contains, if its name does not show its tool; null: the name shows it.</summary>
    public Regex? CodeMark { get; init; }

    /// <summary>A program among what it reads, where files of the folder alone do not show it; null: there is none.</summary>
    public Func<string, string?> ProgramIn { get; init; } = _ => null;

    /// <summary>Scripts that run with the migrations of a folder and are none, each with its place: 0 before them, 1 before the repeatable ones, 2 after all.</summary>
    public Func<string, IReadOnlyList<(int Place, MigrationFile File)>> Callbacks { get; init; } = _ => [];

    /// <summary>The tool as the project of a folder configures it.</summary>
    public Func<string, MigrationTool>? Configure { get; init; }

    /// <summary>The baseline version of a database with tables and without a history; null: the tool has no such baseline.</summary>
    public string? BaselineOnMigrate { get; init; }

    /// <summary>The schema that is first on the search path; null: the one that the session has anyway.</summary>
    public string? SearchPath { get; init; }

    /// <summary>Its programs only load scripts, which are read.</summary>
    public bool ReadsPrograms { get; init; }

    /// <summary>The scripts in a folder, in the tool's order.</summary>
    public Func<string, IReadOnlyList<MigrationFile>> Read { get; init; } = ToolScripts.Numbered;

    public IReadOnlyList<HistoryTable> Histories { get; init; } = [];

    /// <summary>It applies a migration although a later one has been applied.</summary>
    public bool AppliesLateOnes { get; init; }

    /// <summary>More than one tool has folders like that.</summary>
    public bool IsShapeOnly { get; init; }
}
