using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Changes a definition without an effect on rows or queries: an owner, an option, a statistics target.</summary>
internal sealed class AlterObject() : InfoRule("alter-object")
{
    protected override (string Object, string Does)? Describe(Effect effect, StatementContext context) =>
        !effect.UpdatesExtension && (effect.Cause is TableAction.Other or TableAction.SetOptions or TableAction.Inherit or TableAction.SwitchTrigger { IsEnabled: true } or ObjectAction.Other or ObjectAction.AlterAttribute
            or ObjectAction.DropDefault or ObjectAction.SetNotNull or ObjectAction.DropNotNull
        || (effect.Cause is TableAction.Rewrite && effect.Object.Kind is ObjectKind.Sequence or ObjectKind.ForeignTable or ObjectKind.View)
        || (effect.Cause is TableAction.AttachPartition && effect.Object.Kind == ObjectKind.Index))
            ? (context.Display(effect.Object), $"changes {ObjectKinds.Words(effect.Object.Kind)} {context.Display(effect.Object)}") : null;
}
