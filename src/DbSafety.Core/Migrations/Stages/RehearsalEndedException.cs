using DbSafety.Errors;

namespace DbSafety.Migrations.Stages;

/// <summary>What a rehearsal found out on the copy. What became of production meanwhile is looked up before anybody says it.</summary>
internal sealed class RehearsalEndedException(ErrorDefinition definition, string what, Exception? cause) : Exception(what, cause)
{
    public DbSafetyException At(string database, string production) => definition.Because(InnerException, database, Message, production);
}
