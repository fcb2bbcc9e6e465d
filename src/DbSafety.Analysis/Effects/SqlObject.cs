using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Effects;

/// <summary>What an effect is about.</summary>
/// <param name="Part">A column, constraint, trigger, policy, attribute or label of it; null if all of it is meant.</param>
internal sealed record SqlObject(ObjectKind Kind, RelationName Name, string? Part = null)
{
    public string Display(string defaultSchema) =>
        Part is null ? Name.Display(defaultSchema) : Name.Display(defaultSchema) + "." + SqlName.DisplayBehindDot(Part);
}
