using System.Collections.Frozen;

namespace DbSafety.Analysis.Functions;

/// <summary>
/// What is known of functions by their names: PostgreSQL's own with their volatility, as in pg_proc of 15, 17 and 18
/// (<c>postgresql-functions.txt</c>; where the versions or overloads differ, the more volatile counts), and what some of them do outside the transaction.
/// </summary>
internal static class KnownFunctions
{
    private static readonly Lazy<FrozenDictionary<string, char>> Own = new(ReadOwn);

    /// <summary>They destroy stored data, some of which a rollback of the transaction does not restore.</summary>
    private static readonly FrozenDictionary<string, string> Destructive = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["lo_unlink"] = "deletes a large object",
        ["lo_put"] = "overwrites a large object",
        ["lowrite"] = "overwrites a large object",
        ["lo_truncate"] = "truncates a large object",
        ["lo_truncate64"] = "truncates a large object",
        ["pg_drop_replication_slot"] = "drops a replication slot: its consumer loses the changes that it has not received",
        ["pg_replication_slot_advance"] = "advances a replication slot: its consumer loses the changes that are skipped",
        ["pg_logical_slot_get_changes"] = "consumes the changes of a replication slot: its consumer loses them",
        ["pg_logical_slot_get_binary_changes"] = "consumes the changes of a replication slot: its consumer loses them",
        ["pg_replication_origin_drop"] = "drops a replication origin, and with it the position that replication continues from",
        ["pg_replication_origin_advance"] = "moves the position that replication continues from",
        ["pg_file_unlink"] = "deletes a file of the database server",
        ["pg_file_write"] = "overwrites a file of the database server",
        ["pg_file_rename"] = "renames a file of the database server",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>They act on the server; neither a rollback nor a restore undoes it.</summary>
    private static readonly FrozenDictionary<string, string> Server = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["pg_terminate_backend"] = "terminates a session of the server",
        ["pg_cancel_backend"] = "cancels a query of another session",
        ["pg_switch_wal"] = "switches to a new WAL file",
        ["pg_promote"] = "promotes a standby server",
        ["pg_reload_conf"] = "reloads the server's configuration",
        ["pg_rotate_logfile"] = "rotates the server's log file",
        ["pg_rotate_logfile_old"] = "rotates the server's log file",
        ["pg_logfile_rotate"] = "rotates the server's log file",
        ["pg_create_physical_replication_slot"] = "creates a replication slot, which keeps WAL until it is dropped",
        ["pg_create_logical_replication_slot"] = "creates a replication slot, which keeps WAL until it is dropped",
        ["pg_copy_physical_replication_slot"] = "creates a replication slot, which keeps WAL until it is dropped",
        ["pg_copy_logical_replication_slot"] = "creates a replication slot, which keeps WAL until it is dropped",
        ["pg_sync_replication_slots"] = "synchronizes the replication slots of a standby server",
        ["pg_replication_origin_create"] = "creates a replication origin",
        ["pg_create_restore_point"] = "creates a restore point in the WAL",
        ["pg_backup_start"] = "starts a backup of the server",
        ["pg_backup_stop"] = "stops a backup of the server",
        ["pg_start_backup"] = "starts a backup of the server",
        ["pg_stop_backup"] = "stops a backup of the server",
        ["pg_wal_replay_pause"] = "pauses recovery",
        ["pg_wal_replay_resume"] = "resumes recovery",
        ["pg_logical_emit_message"] = "writes a message into the WAL for logical decoding",
        ["pg_stat_reset"] = "resets the statistics of the current database",
        ["pg_stat_reset_shared"] = "resets statistics of the server",
        ["pg_stat_reset_slru"] = "resets statistics of the server",
        ["pg_stat_reset_replication_slot"] = "resets statistics of the server",
        ["pg_stat_reset_subscription_stats"] = "resets statistics of subscriptions",
        ["pg_stat_reset_single_table_counters"] = "resets statistics of a table",
        ["pg_stat_reset_single_function_counters"] = "resets statistics of a function",
        ["pg_stat_statements_reset"] = "resets statistics of the server",
        ["lo_export"] = "writes a large object to a file of the database server",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>They run what they are given as text.</summary>
    private static readonly FrozenSet<string> RunText = FrozenSet.Create(StringComparer.Ordinal,
        "query_to_xml", "query_to_xmlschema", "query_to_xml_and_xmlschema", "ts_stat", "ts_rewrite", "crosstab", "crosstab2", "crosstab3", "crosstab4", "xpath_table", "connectby");

    private static readonly FrozenSet<string> OtherServers = FrozenSet.Create(StringComparer.Ordinal,
        "dblink", "dblink_exec", "dblink_send_query", "dblink_open", "dblink_fetch", "dblink_get_result", "dblink_connect", "dblink_connect_u");

    /// <summary>Functions of extensions that only compute, and those of PostgreSQL that are in no catalog.</summary>
    private static readonly FrozenSet<string> Harmless = FrozenSet.Create(StringComparer.Ordinal,
        "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v3", "uuid_generate_v4", "uuid_generate_v5", "uuid_nil", "uuid_ns_dns", "uuid_ns_url", "uuid_ns_oid", "uuid_ns_x500",
        "gen_random_uuid", "uuid_generate_v7", "uuidv7", "gen_random_bytes", "gen_salt", "crypt", "digest", "hmac", "pgp_sym_encrypt", "pgp_sym_decrypt", "pgp_sym_encrypt_bytea", "pgp_sym_decrypt_bytea",
        "pgp_pub_encrypt", "pgp_pub_decrypt", "armor", "dearmor", "unaccent", "similarity", "word_similarity", "strict_word_similarity", "show_trgm", "set_limit", "show_limit",
        "hstore", "akeys", "avals", "skeys", "svals", "hstore_to_json", "hstore_to_jsonb", "citext", "levenshtein", "soundex", "metaphone", "dmetaphone", "normal_rand", "moddatetime",
        "pg_file_sync", "postgres_fdw_get_connections", "dblink_disconnect", "dblink_get_connections", "dblink_is_busy", "dblink_error_message", "pg_prewarm");

    /// <summary>Null: not one of PostgreSQL's own; else i, s or v as in pg_proc.</summary>
    public static char? OwnVolatility(FunctionCall call) =>
        call.Schema is null or "pg_catalog" && Own.Value.TryGetValue(call.Name, out var volatility) ? volatility : null;

    /// <summary>One of PostgreSQL's own that computes the same from the same rows, so that a query may call it at any time.</summary>
    public static bool IsSteady(FunctionCall call) => OwnVolatility(call) is 'i' or 's' && !RunText.Contains(call.Name);

    public static string? DestructiveEffect(string name) => Destructive.GetValueOrDefault(name);

    public static string? ServerEffect(string name) =>
        Server.GetValueOrDefault(name) ?? (name.StartsWith("binary_upgrade_", StringComparison.Ordinal) ? "changes what only a server upgrade is allowed to change" : null);

    public static bool RunsText(string name) => RunText.Contains(name);

    public static bool ReachesOtherServers(string name) => OtherServers.Contains(name);

    /// <summary>What it does stays inside the query, or of the session and its transaction.</summary>
    public static bool IsHarmless(FunctionCall call) =>
        DestructiveEffect(call.Name) is null && ServerEffect(call.Name) is null && !RunsText(call.Name) && !ReachesOtherServers(call.Name)
        && (OwnVolatility(call) is not null || Harmless.Contains(call.Name) || call.Name.StartsWith("st_", StringComparison.Ordinal));

    /// <summary>All names with their volatility.</summary>
    public static IReadOnlyDictionary<string, char> All => Own.Value;

    private static FrozenDictionary<string, char> ReadOwn()
    {
        using var stream = typeof(KnownFunctions).Assembly.GetManifestResourceStream("postgresql-functions.txt")!;
        using var reader = new StreamReader(stream);
        var functions = new Dictionary<string, char>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
            functions[line[..^2]] = line[^1];
        return functions.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
