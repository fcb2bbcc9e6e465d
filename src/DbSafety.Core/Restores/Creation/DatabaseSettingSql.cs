using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Definitions;

namespace DbSafety.Restores.Creation;

/// <summary>The statement that sets a parameter of a database, or of a role in it, as pg_dump writes it.</summary>
internal static class DatabaseSettingSql
{
    /// <param name="database">The database's quoted name.</param>
    public static string Of(DatabaseSetting setting, string database)
    {
        var parts = setting.Setting.Split('=', 2);
        var (name, value) = (parts[0], parts[1]);
        var whose = setting.Role is { } role ? $"ROLE {SqlName.Quote(role)} IN DATABASE {database}" : $"DATABASE {database}";
        // A list that does not name anything is stored as "", which is not a valid name in a statement.
        return $"ALTER {whose} SET {SqlName.Quote(name)} TO {(ListSettings.Contains(name) && Names(value) is { Count: > 0 } names ? string.Join(", ", names.Select(SqlName.Literal)) : SqlName.Literal(value))}";
    }

    /// <summary>A list as it is stored: names that are quoted where they have to be, with commas between them.</summary>
    private static List<string> Names(string list)
    {
        var names = new List<string>();
        var (name, isQuoted) = (new System.Text.StringBuilder(), false);
        for (var i = 0; i < list.Length; i++)
        {
            if (list[i] == '"' && isQuoted && i + 1 < list.Length && list[i + 1] == '"')
                name.Append(list[i++]);
            else if (list[i] == '"')
                isQuoted = !isQuoted;
            else if (isQuoted || (list[i] != ',' && !char.IsWhiteSpace(list[i])))
                name.Append(list[i]);
            else if (list[i] == ',')
                Take();
        }

        if (list.Length > 0)
            Take();
        return names;

        void Take()
        {
            names.Add(name.ToString());
            name.Clear();
        }
    }
}
