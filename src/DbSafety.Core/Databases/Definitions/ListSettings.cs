namespace DbSafety.Databases.Definitions;

/// <summary>Settings whose value is a list of names, quoted if necessary: GUC_LIST_QUOTE (src/bin/pg_dump/dumputils.c, variable_is_guc_list_quote).</summary>
internal static class ListSettings
{
    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        "local_preload_libraries", "search_path", "session_preload_libraries", "shared_preload_libraries", "temp_tablespaces", "unix_socket_directories",
    };

    public static bool Contains(string setting) => Names.Contains(setting);
}
