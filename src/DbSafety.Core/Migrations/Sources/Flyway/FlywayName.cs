using System.Numerics;
using System.Text.RegularExpressions;

namespace DbSafety.Migrations.Sources.Flyway;

/// <summary>The kind of file that Flyway derives from its name.</summary>
internal enum FlywayKind
{
    /// <summary>Run once, in the order of the versions.</summary>
    Versioned,

    /// <summary>Replaces all versions up to its own on a database without a history.</summary>
    Baseline,

    /// <summary>Run after the versions each time it has changed.</summary>
    Repeatable,

    Undo,

    /// <summary>Run at an event.</summary>
    Callback,

    /// <summary>Begins like a migration, but is not one.</summary>
    Invalid,
}

/// <summary>A file's name as Flyway reads it (flyway-core, ResourceNameParser): prefix, version, separator, description, suffix; the longest prefix counts.</summary>
/// <param name="Prefix">The event of a callback.</param>
internal sealed partial record FlywayName(FlywayKind Kind, string Prefix, string Version, string Description)
{
    /// <summary>Callbacks that a migration runs, in their order, by where they are: before the migrations, between versioned and repeatable ones, and after all.</summary>
    private static readonly string[][] Migrating =
    [
        ["beforeConnect", "afterConnect", "beforeValidate", "afterValidate", "beforeCreateSchema", "createSchema", "beforeMigrate", "beforeEachMigrate", "beforeEachMigrateStatement"],
        ["afterEachMigrateStatement", "afterEachMigrate", "afterVersioned", "beforeRepeatables"],
        ["afterMigrateApplied", "afterMigrate", "afterMigrateOperationFinish", "afterEachMigrateStatementError", "afterEachMigrateError", "afterMigrateError", "afterValidateError"],
    ];

    /// <summary>flyway-core, Event.</summary>
    private static readonly string[] Events =
    [
        .. Migrating.SelectMany(e => e), "beforeClean", "afterClean", "afterCleanError", "beforeUndo", "beforeEachUndo", "beforeEachUndoStatement", "afterEachUndoStatement", "afterEachUndoStatementError",
        "afterEachUndo", "afterEachUndoError", "afterUndo", "afterUndoError", "beforeBaseline", "afterBaseline", "afterBaselineError", "beforeRepair", "afterRepair", "afterRepairError",
        "beforeInfo", "afterInfo", "afterInfoError", "afterInfoOperationFinish",
    ];

    /// <summary>Number by number; empty where there is none.</summary>
    public IReadOnlyList<BigInteger> Numbers { get; } = Numbering().IsMatch(Version) ? [.. Version.Split('.', '_').Select(BigInteger.Parse)] : [];

    /// <summary>Of a callback: 0 before the migrations, 1 between versioned and repeatable ones, 2 after all; null: a migration does not run it.</summary>
    public int? Place => Array.FindIndex(Migrating, e => e.Contains(Prefix)) is var place and >= 0 ? place : null;

    /// <summary>Among the callbacks of its place.</summary>
    public int Turn => Array.IndexOf(Migrating.FirstOrDefault(e => e.Contains(Prefix)) ?? [], Prefix);

    /// <summary>Null: it does not belong to Flyway.</summary>
    public static FlywayName? Read(string file, FlywaySettings settings)
    {
        if (settings.Suffixes.FirstOrDefault(s => file.EndsWith(s, StringComparison.OrdinalIgnoreCase)) is not { } suffix)
            return null;
        var name = file[..^suffix.Length];
        var prefixes = new (string Prefix, FlywayKind Kind)[]
        {
            (settings.VersionedPrefix, FlywayKind.Versioned), (settings.RepeatablePrefix, FlywayKind.Repeatable), (settings.BaselinePrefix, FlywayKind.Baseline), (settings.UndoPrefix, FlywayKind.Undo),
        }.Concat(Events.Select(e => (Prefix: e, Kind: FlywayKind.Callback)));
        if (prefixes.OrderByDescending(p => p.Item1.Length).FirstOrDefault(p => name.StartsWith(p.Item1, StringComparison.Ordinal)) is not ({ } prefix, var kind))
            return null;
        var rest = name[prefix.Length..];
        var (version, description) = rest.IndexOf(settings.Separator, StringComparison.Ordinal) is var at and >= 0 ? (rest[..at], rest[(at + settings.Separator.Length)..]) : (rest, "");
        var isVersioned = kind is FlywayKind.Versioned or FlywayKind.Baseline or FlywayKind.Undo;
        var isValid = isVersioned ? Numbering().IsMatch(version) : version.Length == 0;
        return new FlywayName(isValid ? kind : kind == FlywayKind.Callback ? kind : FlywayKind.Invalid, isValid ? prefix : "", isValid ? version : "", description.Replace('_', ' '));
    }

    [GeneratedRegex(@"^\d+([._]\d+)*$")]
    private static partial Regex Numbering();
}
