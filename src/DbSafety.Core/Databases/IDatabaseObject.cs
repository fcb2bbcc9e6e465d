using DbSafety.Databases.Connections;

namespace DbSafety.Databases;

/// <summary>An object that describes a database and includes the connection to it.</summary>
public interface IDatabaseObject
{
    /// <summary>The connection to it. A method, not a property, because it contains the password: printing or serializing an object does not include it.</summary>
    DatabaseTarget ToTarget();
}
