using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;

namespace DbSafety.Analysis;

/// <summary>The triggers of the live database that the statements of the set have disabled, enabled or dropped so far.</summary>
internal sealed class TriggerSwitches
{
    /// <summary>DISABLE TRIGGER ALL or USER.</summary>
    private const string All = "";

    private readonly Dictionary<(RelationName Table, string Trigger), bool> switched = [];

    /// <param name="table">As the live database calls it.</param>
    public void Apply(Effect effect, RelationName table)
    {
        switch (effect.Cause)
        {
            case TableAction.SwitchTrigger { IsRule: false, Trigger: "all" or "user" } all:
                foreach (var known in switched.Keys.Where(k => k.Table == table).ToList())
                    switched.Remove(known);
                switched[(table, All)] = all.IsEnabled;
                break;
            case TableAction.SwitchTrigger { IsRule: false } one:
                switched[(table, one.Trigger)] = one.IsEnabled;
                break;
            case Command.Drop { Kind: ObjectKind.Trigger } when effect.Object.Part is { } trigger:
                switched[(table, trigger)] = false;
                break;
            // What was switched off before may be on again.
            case Command.Transaction { Word: "rollback" or "rollback to" or "abort" }:
                switched.Clear();
                break;
        }
    }

    /// <summary>Their names, each on a line of its own; an empty line stands for all that are not named.</summary>
    public string Of(RelationName table, bool isEnabled) =>
        switched.Count == 0 ? "" : string.Concat(switched.Where(s => s.Key.Table == table && s.Value == isEnabled).Select(s => s.Key.Trigger + "\n").Order(StringComparer.Ordinal));
}
