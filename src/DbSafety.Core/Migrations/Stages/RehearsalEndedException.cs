using DbSafety.Errors;

namespace DbSafety.Migrations.Stages;

/// <summary>The failure of a rehearsal on the copy. The state of production is checked before it is reported.</summary>
internal sealed class RehearsalEndedException(ErrorDefinition definition, string what, Exception? cause) : Exception(what, cause)
{
    public DbSafetyException At(string database, string production) => definition.Because(InnerException, database, Message, production);
}
