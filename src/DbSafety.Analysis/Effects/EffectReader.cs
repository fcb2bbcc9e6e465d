using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Effects;

/// <summary>Says what a command does to which objects.</summary>
internal static class EffectReader
{
    private static readonly SqlObject Nothing = new(ObjectKind.None, new RelationName(null, ""));

    public static List<Effect> Read(Command command)
    {
        var effects = new List<Effect>();
        Add(effects, command);
        foreach (var change in command.Changes)
            effects.Add(new Effect(EffectKind.Rows, Table(change.Table), change) { Command = command });
        return effects;
    }

    private static void Add(List<Effect> effects, Command command)
    {
        switch (command)
        {
            case Command.AlterTable alter:
                foreach (var action in alter.Actions)
                    effects.Add(TableEffect(alter, action));
                break;
            case Command.AlterObject alter:
                foreach (var action in alter.Actions)
                    effects.Add(ObjectEffect(alter, action));
                break;
            case Command.Drop drop:
                foreach (var name in drop.Names)
                    effects.Add(DropEffect(drop, name));
                break;
            case Command.DropOwned owned:
                foreach (var role in owned.Roles)
                    effects.Add(Of(EffectKind.Drop, ObjectKind.Role, new RelationName(null, role), command));
                break;
            case Command.Truncate truncate:
                foreach (var table in truncate.Tables)
                    effects.Add(Of(EffectKind.Rows, ObjectKind.Table, table, command));
                break;
            case Command.CreateTable table:
                effects.Add(Of(EffectKind.Make, table.Kind, table.Name, command));
                break;
            case Command.CreateIndex index:
                effects.Add(Of(EffectKind.Make, ObjectKind.Index, index.Name is null ? index.Table : new RelationName(null, index.Name), command));
                break;
            case Command.CreateObject made:
                effects.Add(CreateEffect(made));
                foreach (var element in made.Elements)
                    effects.AddRange(Read(element));
                break;
            case Command.Privileges privileges:
                foreach (var name in privileges.Names)
                    effects.Add(Of(EffectKind.Alter, privileges.Kind, name, command));
                break;
            case Command.LockTables locks:
                foreach (var table in locks.Tables)
                    effects.Add(Of(EffectKind.Maintain, ObjectKind.Table, table, command));
                break;
            case Command.Copy copy when !copy.IsInput:
                effects.Add(Of(EffectKind.None, ObjectKind.Table, copy.Table, command));
                break;
            case Command.Copy:
                break;
            case Command.Vacuum or Command.Analyze or Command.Cluster or Command.Reindex or Command.Refresh:
                AddMaintenance(effects, command);
                break;
            case Command.Query when command.Changes.Count > 0:
                break;
            default:
                effects.Add(Other(command));
                break;
        }
    }

    private static Effect Of(EffectKind kind, ObjectKind objectKind, RelationName name, Command command) =>
        new(kind, new SqlObject(objectKind, name), command) { Command = command };

    private static SqlObject Table(RelationName name) => new(ObjectKind.Table, name);

    private static Effect Other(Command command) => command switch
    {
        Command.Describe describe => Of(EffectKind.Alter, describe.Kind, describe.Name, command),
        Command.Setting setting => Of(EffectKind.None, ObjectKind.Parameter, new RelationName(null, setting.Name) { IsDisplayed = true }, command),
        Command.Call call => Of(EffectKind.Run, ObjectKind.Procedure, call.Procedure, command),
        Command.DoBlock or Command.ExecuteText => new Effect(EffectKind.Run, Nothing, command) { Command = command },
        _ => new Effect(EffectKind.None, Nothing, command) { Command = command },
    };

    private static Effect TableEffect(Command.AlterTable alter, TableAction action)
    {
        var (kind, objectKind, part) = action switch
        {
            TableAction.AddColumn add => (EffectKind.Make, ObjectKind.Column, add.Column.Name),
            TableAction.DropColumn drop => (EffectKind.Drop, ObjectKind.Column, drop.Column),
            TableAction.ChangeType change => (EffectKind.Alter, ObjectKind.Column, change.Column),
            TableAction.SetDefault set => (EffectKind.Alter, ObjectKind.Column, set.Column),
            TableAction.DropDefault drop => (EffectKind.Alter, ObjectKind.Column, drop.Column),
            TableAction.SetNotNull set => (EffectKind.Alter, ObjectKind.Column, set.Column),
            TableAction.DropNotNull drop => (EffectKind.Alter, ObjectKind.Column, drop.Column),
            TableAction.SetExpression set => (EffectKind.Alter, ObjectKind.Column, set.Column),
            TableAction.Restart { Column: { } column } => (EffectKind.Alter, ObjectKind.Column, column),
            TableAction.RenameColumn rename => (EffectKind.Rename, ObjectKind.Column, rename.Column),
            TableAction.AddConstraint add => (EffectKind.Make, ObjectKind.Constraint, add.Constraint.Name ?? add.Constraint.Word),
            TableAction.ValidateConstraint validate => (EffectKind.Maintain, ObjectKind.Constraint, validate.Name),
            TableAction.DropConstraint drop => (EffectKind.Drop, ObjectKind.Constraint, drop.Name),
            TableAction.RenameConstraint rename => (EffectKind.Rename, ObjectKind.Constraint, rename.Constraint),
            TableAction.SwitchTrigger trigger => (EffectKind.Alter, ObjectKind.Trigger, trigger.Trigger),
            TableAction.RenameTo or TableAction.SetSchema => (EffectKind.Rename, alter.Kind, null),
            TableAction.Rewrite => (EffectKind.Maintain, alter.Kind, null),
            TableAction.Unknown => (EffectKind.None, alter.Kind, null),
            _ => (EffectKind.Alter, alter.Kind, (string?)null),
        };
        return new Effect(kind, new SqlObject(objectKind, alter.Name, part), action) { Command = alter };
    }

    private static Effect ObjectEffect(Command.AlterObject alter, ObjectAction action)
    {
        var name = alter.On ?? alter.Name;
        var (kind, part) = action switch
        {
            ObjectAction.RenameTo or ObjectAction.SetSchema => (EffectKind.Rename, null),
            ObjectAction.AddValue add => (EffectKind.Make, add.Label),
            ObjectAction.RenameValue rename => (EffectKind.Rename, rename.Label),
            ObjectAction.DropAttribute drop => (EffectKind.Drop, drop.Name),
            ObjectAction.RenameAttribute rename => (EffectKind.Rename, rename.Name),
            ObjectAction.AlterAttribute change => (EffectKind.Alter, change.Name),
            ObjectAction.AddConstraint add => (EffectKind.Make, add.Constraint.Name ?? add.Constraint.Word),
            ObjectAction.DropConstraint drop => (EffectKind.Drop, drop.Name),
            ObjectAction.ValidateConstraint valid => (EffectKind.Maintain, valid.Name),
            _ => (EffectKind.Alter, (string?)null),
        };
        return new Effect(kind, new SqlObject(alter.Kind, name, alter.On is null ? part : alter.Name.Name), action) { Command = alter };
    }

    private static Effect DropEffect(Command.Drop drop, RelationName name)
    {
        var about = drop.On is { } table ? new SqlObject(drop.Kind, table, name.Name) : new SqlObject(drop.Kind, name);
        return new Effect(EffectKind.Drop, about, drop) { Command = drop };
    }

    private static Effect CreateEffect(Command.CreateObject made) => made.On is { } on
        ? new Effect(EffectKind.Make, new SqlObject(made.Kind, on, made.Name.Name), made) { Command = made }
        : Of(EffectKind.Make, made.Kind, made.Name, made);

    private static void AddMaintenance(List<Effect> effects, Command command)
    {
        var (kind, names) = command switch
        {
            Command.Vacuum vacuum => (ObjectKind.Table, vacuum.Tables),
            Command.Analyze analyze => (ObjectKind.Table, analyze.Tables),
            Command.Cluster cluster => (ObjectKind.Table, cluster.Table is { } table ? [table] : []),
            Command.Refresh refresh => (ObjectKind.MaterializedView, [refresh.View]),
            Command.Reindex reindex => (reindex.Kind, reindex.Name is { } name ? [name] : (IReadOnlyList<RelationName>)[]),
            _ => throw new ArgumentOutOfRangeException(nameof(command), command, null),
        };
        if (names.Count == 0)
            effects.Add(Of(EffectKind.Maintain, kind, new RelationName(null, "every table") { IsDisplayed = true }, command));
        foreach (var name in names)
            effects.Add(Of(EffectKind.Maintain, kind, name, command));
    }
}
