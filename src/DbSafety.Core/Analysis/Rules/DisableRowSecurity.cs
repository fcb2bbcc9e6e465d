namespace DbSafety.Analysis.Rules;

/// <summary>Row security is switched off: everybody who may read the table reads all of it.</summary>
internal sealed class DisableRowSecurity : AlterRule
{
    public override string Id => "disable-row-security";

    public override FindingSeverity Severity => FindingSeverity.Breaking;

    protected override Effect? Match(StatementContext context, RelationName table, IReadOnlyList<SqlToken> action)
    {
        if (!new TokenCursor(action).Take("disable", "row", "level", "security"))
            return null;
        var name = context.Display(table);
        return new Effect(name, $"switches row security of {name} off: all its rows can be seen by everyone with a right to it", "Change the policies instead.");
    }
}
