using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings.History;

/// <summary>The triggers and rules of the live database that the statements of the set have disabled, enabled or dropped so far.</summary>
internal sealed class TriggerSwitches
{
    /// <summary>DISABLE TRIGGER ALL or USER.</summary>
    private const string All = "";

    private readonly Dictionary<(RelationName Table, bool IsRule, string Name), char> switched = [];

    /// <summary>It may fire or not.</summary>
    private const char Unknown = '?';

    /// <param name="table">As the live database calls it.</param>
    /// <param name="isCertain">False in bodies: whether and when they run is not known.</param>
    public void Apply(Effect effect, RelationName table, bool isCertain)
    {
        switch (effect.Cause)
        {
            case TableAction.SwitchTrigger { IsRule: false, Trigger: "all" or "user" } all:
                foreach (var known in switched.Keys.Where(k => k.Table == table && !k.IsRule).ToList())
                    switched.Remove(known);
                switched[(table, false, All)] = isCertain ? all.Mode : Unknown;
                break;
            case TableAction.SwitchTrigger one:
                switched[(table, one.IsRule, one.Trigger)] = isCertain ? one.Mode : Unknown;
                break;
            case Command.Drop { Kind: ObjectKind.Trigger or ObjectKind.Rule } drop when effect.Object.Part is { } name:
                switched[(table, drop.Kind == ObjectKind.Rule, name)] = isCertain ? 'D' : Unknown;
                break;
            // It may take the place of one that was there.
            case Command.CreateObject { Kind: ObjectKind.Rule } rule:
                switched[(table, true, rule.Name.Name)] = Unknown;
                break;
            case Command.Transaction { Word: "rollback" or "rollback to" or "abort" } when isCertain:
                foreach (var known in switched.Keys.ToList())
                    switched[known] = Unknown;
                break;
        }
    }

    /// <summary>Each on a line of its own: a letter of pg_trigger.tgenabled or a question mark, and the name; no name stands for all that are not named.</summary>
    public string Of(RelationName table, bool isRule) =>
        switched.Count == 0 ? "" : string.Concat(switched.Where(s => s.Key.Table == table && s.Key.IsRule == isRule).Select(s => $"{s.Value}{s.Key.Name}\n").Order(StringComparer.Ordinal));
}
