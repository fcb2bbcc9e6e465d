using DbSafety.Errors;
using DbSafety.Tools;

namespace DbSafety.Databases.Connections;

/// <summary>The PostgreSQL programs for a target.</summary>
internal static class TargetTools
{
    /// <summary>The most suitable program from <see cref="PgTools.FindAsync"/>; if this machine has none, the program in the target's container.</summary>
    /// <exception cref="DbSafetyException"><c>DBS110</c>, <c>DBS111</c>, <c>DBS131</c>, <c>DBS228</c>.</exception>
    public static async Task<PgTool> FindAsync(string name, int required, DatabaseTarget target, CancellationToken ct, int preferred = 0)
    {
        try
        {
            // The libpq version that introduced the setting; earlier versions silently ignore its environment variable.
            var (setting, since) = target.Security switch { { Negotiation: "direct" } => ("sslnegotiation", 17), { RequireAuth: not null } => ("require_auth", 16), _ => ("", 0) };
            if (since > required && await PgTools.AllAsync(name, ct) is { Count: > 0 } all && all.Max(t => t.Major) is var newest && newest >= required && newest < since)
                throw ErrorCatalogue.ToolIgnoresSetting.For(name, since, setting, newest);
            return await PgTools.FindAsync(name, Math.Max(required, since), ct, preferred);
        }
        catch (DbSafetyException e) when (target.Place is not null && (e.Definition == ErrorCatalogue.ToolMissing || e.Definition == ErrorCatalogue.ToolTooOld || e.Definition == ErrorCatalogue.DumpNewerThanTool))
        {
            if (await target.Place.FindToolAsync(name, ct) is { } tool && tool.Major >= required)
                return tool;
            throw;
        }
    }
}
