using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>The extension's own update scripts run, which can change, lock and drop what belongs to it, and whatever else they like.</summary>
internal sealed class ExtensionUpdate : IAnalysisRule
{
    public string Id => "extension-update";

    public FindingSeverity Severity => FindingSeverity.Opaque;

    public Verdict? Judge(Effect effect, StatementContext context)
    {
        if (!effect.UpdatesExtension)
            return null;
        var name = context.Display(effect.Object);
        return new Verdict(name, $"updates extension {name}: runs the extension's own update scripts, which can rewrite tables and drop what views and indexes use",
            "Read the extension's release notes, and rehearse the update on a copy of the database (Invoke-SafeMigration does). This query lists the versions that the server has:")
        {
            SafeSql = $"SELECT version, installed FROM pg_available_extension_versions WHERE name = {SqlName.Literal(effect.Object.Name.Name)};",
        };
    }
}
