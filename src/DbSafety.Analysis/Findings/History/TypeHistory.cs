using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings.History;

/// <summary>What the pending statements have done to types: above all enums, whose values can only be taken away by creating the type again.</summary>
internal sealed class TypeHistory(string defaultSchema)
{
    // Nothing else shows which values of an enum are removed.
    private readonly BoundedCache<RelationName, List<string>?> made = new(labels => labels is null);
    private readonly Dictionary<RelationName, RelationName> gone = [];
    private readonly HashSet<RelationName> checkedDomains = [];
    private readonly HashSet<RelationName> conditional = [];
    private readonly HashSet<string> textTypes = new(StringComparer.Ordinal);
    private readonly Dictionary<RelationName, RelationName> liveNames = [];
    private readonly Dictionary<RelationName, string> plainDomains = [];

    /// <summary>The set creates the extension that has this type, unless it was there; the type holds what text holds, or a conversion to it fails.</summary>
    public bool IsOfNewExtension(string type) => textTypes.Contains(type);

    /// <summary>What of before has got the types that the set created.</summary>
    public TypeUses Uses { get; } = new(defaultSchema);

    public bool IsOfSet(RelationName type) => made.ContainsKey(Key(type));

    /// <summary>The values of an enum that the set created; null for other types.</summary>
    public IReadOnlyList<string>? Labels(RelationName type) => made.GetValueOrDefault(Key(type));

    /// <summary>An enum that a DO block creates unless a type of that name exists: <c>EXCEPTION WHEN duplicate_object</c>, <c>IF NOT EXISTS (SELECT FROM pg_type …)</c>.</summary>
    public bool IsConditionalEnum(RelationName type) => conditional.Contains(Key(type));

    /// <summary>A domain that the set created, or one it gave a constraint to, so that every value of it is checked.</summary>
    public bool IsCheckedDomain(RelationName type) => checkedDomains.Contains(Key(type));

    /// <summary>The type that a domain without constraints is based on, which the set created: its values are stored as those are. Null for other types.</summary>
    public string? BaseOf(RelationName type) => plainDomains.GetValueOrDefault(Key(type));

    /// <summary>The old type that bore this name until the set dropped or renamed it, as the live database calls it; null if none did.</summary>
    public RelationName? Gone(RelationName type) => gone.GetValueOrDefault(Key(type));

    /// <param name="command">A statement of a DO block.</param>
    public void NoteConditional(Command command)
    {
        // Another type has got this name.
        if (command is not Command.CreateObject { Kind: ObjectKind.Type or ObjectKind.Domain } type || liveNames.ContainsKey(Key(type.Name)))
            return;
        if (type.Labels is null)
            conditional.Remove(Key(type.Name));
        else
            conditional.Add(Key(type.Name));
    }

    public void Apply(Effect effect)
    {
        var key = Key(effect.Object.Name);
        if (effect.Object.Kind is ObjectKind.Domain or ObjectKind.Type)
            conditional.Remove(key);
        if (effect.Object.Kind is ObjectKind.Domain or ObjectKind.Type && effect.Cause is ObjectAction or Command.Drop)
            plainDomains.Remove(key);
        switch (effect.Cause)
        {
            case Command.CreateObject { Kind: ObjectKind.Extension, Name.Name: "citext" or "ltree" }:
                textTypes.Add(effect.Object.Name.Name);
                break;
            case Command.CreateObject { Kind: ObjectKind.Type or ObjectKind.Domain } type:
                made[key] = type.Labels?.ToList();
                if (type.HasConstraints)
                    checkedDomains.Add(key);
                else if (type.Base is { } plain)
                    plainDomains[key] = plain;
                break;
            case ObjectAction.SetNotNull or ObjectAction.AddConstraint when effect.Object.Kind == ObjectKind.Domain:
                checkedDomains.Add(key);
                break;
            case Command.Drop { Kind: ObjectKind.Type or ObjectKind.Domain }:
                if (!made.Remove(key))
                    gone[key] = Live(effect.Object.Name);
                liveNames.Remove(key);
                break;
            case ObjectAction.AddValue add when effect.Object.Kind == ObjectKind.Type:
                made.GetValueOrDefault(key)?.Add(add.Label);
                break;
            case ObjectAction.RenameTo rename when effect.Object.Kind is ObjectKind.Type or ObjectKind.Domain:
                Rename(effect.Object.Name, key with { Name = rename.Name });
                break;
            case ObjectAction.SetSchema move when effect.Object.Kind is ObjectKind.Type or ObjectKind.Domain:
                Rename(effect.Object.Name, key with { Schema = move.Schema });
                break;
        }
    }

    private RelationName Live(RelationName type) => liveNames.GetValueOrDefault(Key(type), type);

    private RelationName Key(RelationName name) => new(name.Schema ?? defaultSchema, name.Name);

    private void Rename(RelationName from, RelationName to)
    {
        var key = Key(from);
        if (made.Remove(key, out var labels))
        {
            made[to] = labels;
        }
        else
        {
            gone[key] = liveNames[to] = Live(from);
            liveNames.Remove(key);
        }
    }
}
