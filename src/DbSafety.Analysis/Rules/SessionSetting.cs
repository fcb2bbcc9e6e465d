using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>Changes a setting of the session or transaction.</summary>
internal sealed class SessionSetting() : InfoRule("session-setting")
{
    protected override (string Object, string Does)? Describe(Effect effect, StatementContext context) =>
        effect.Cause is Command.Setting setting ? (setting.Name, $"sets {setting.Name} for the session") : null;
}
