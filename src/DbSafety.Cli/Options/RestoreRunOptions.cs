using System.CommandLine;
using DbSafety.Errors;
using DbSafety.Restores.Creation;

namespace DbSafety.Cli.Options;

/// <summary>The options of <c>dbsafety restore run</c>.</summary>
internal sealed class RestoreRunOptions
{
    private readonly Option<string?> inPlace = new("--in-place") { Description = "Empty and fill the existing database in one transaction, after a backup into this folder: for roles without the CREATEDB privilege." };
    private readonly Option<bool> globals = new("--globals") { Description = "Create the missing roles of the set from its globals file." };
    private readonly Option<bool> noOwner = new("--no-owner") { Description = "The role that restores owns all objects; grants are not restored." };
    private readonly Option<string[]> mapRole = new("--map-role") { Description = "Map a role of the backup to a role of this server, as OLD=NEW; can be specified several times.", DefaultValueFactory = _ => [] };
    private readonly Option<string[]> skipExtension = new("--skip-extension") { Description = "Do not create this extension; can be specified several times.", DefaultValueFactory = _ => [] };
    private readonly Option<string[]> table = new("--table") { Description = "Restore rows of this table only (schema.table), into a new database; can be specified several times.", DefaultValueFactory = _ => [] };
    private readonly Option<double?> keepDays = new("--keep-days") { Description = "Drop databases that earlier restores retained more than that many days ago; at least one hour.", CustomParser = RetentionOptions.Days };

    private readonly Option<bool> excerpt = new("--allow-excerpt") { Description = "Allow a set that contains only a part of its database to replace an existing database." };

    private readonly Option<bool> otherDatabase = new("--allow-other-database") { Description = "Allow a set of a database with another name to replace an existing database." };

    private readonly Option<bool> slotLoss = SlotLoss();

    /// <summary>For <c>restore undo</c> too.</summary>
    public static Option<bool> SlotLoss() => new("--allow-slot-loss") { Description = "Allow logical replication slots of the database to stay with the retained copy; their consumers miss later changes." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { inPlace, excerpt, otherDatabase, slotLoss, globals, noOwner, mapRole, skipExtension, table, keepDays })
            command.Add(option);
    }

    public RestoreRequest Apply(ParseResult parsed, RestoreRequest request) => request with
    {
        InPlaceBackup = parsed.GetValue(inPlace),
        AllowExcerpt = parsed.GetValue(excerpt),
        AllowOtherDatabase = parsed.GetValue(otherDatabase),
        AllowSlotLoss = parsed.GetValue(slotLoss),
        Globals = parsed.GetValue(globals),
        KeepFor = parsed.GetValue(keepDays) is { } days ? TimeSpan.FromDays(days) : null,
        Options = new RestoreOptions
        {
            NoOwner = parsed.GetValue(noOwner),
            RoleMap = parsed.GetRequiredValue(mapRole).Select(Pair).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal),
            SkipExtensions = parsed.GetRequiredValue(skipExtension),
            Tables = parsed.GetRequiredValue(table),
        },
    };

    private static string[] Pair(string text) =>
        text.Split('=', 2) is [{ Length: > 0 }, { Length: > 0 }] pair ? pair : throw ErrorCatalogue.RoleMapInvalid.For(text);
}
