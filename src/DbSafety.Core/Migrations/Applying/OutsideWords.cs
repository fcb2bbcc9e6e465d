using System.Text.RegularExpressions;
using DbSafety.Restores.Creation;

namespace DbSafety.Migrations.Applying;

/// <summary>Patterns of SQL that accesses other servers, programs or files.</summary>
internal static partial class OutsideWords
{
    /// <summary>Languages of SQL only, or with an interpreter that cannot access the outside.</summary>
    public static readonly HashSet<string> Trusted = ["sql", "plpgsql", "plperl", "pltcl", "plv8", "plcoffee", "plls", "plrust", "internal"];

    /// <summary>It has no effect in a copy that is not isolated: see <see cref="DisabledExtensions"/>.</summary>
    public static readonly (Regex Pattern, string What)[] Disabled =
    [
        (Of(@"\bdblink\w*"), "calls {0}, which connects to another server"),
        (Of(@"\b(create|alter)\s+server\b"), "defines the address of a foreign server"),
        (Of(@"\boptions\s*\([^)]*\bprogram\s+e?'"), "defines a foreign table that runs a program"),
        (Of(@"\b(net|cron|aws_s3|aws_lambda|pglogical)\s*\.\s*\w+\s*\("), "uses a background worker or another service outside the database"),
        (Of(@"\bhttp(_\w+)?\s*\("), "sends a request over the network"),
    ];

    public static readonly (Regex Pattern, string What)[] Outward =
    [
        (Of(@"\b(create|alter|drop)\s+subscription\b"), "makes a subscription connect to its publisher"),
        (Of(@"\bcopy\b[^;]*\b(from|to)\s+program\s*(e|u&)?['$%]"), "runs a program on the server host"),
        (Of(@"\balter\s+system\b"), "changes the configuration of the entire server"),
        (Of(@"^\s*load\b"), "loads a library into the server"),
    ];

    public static readonly (Regex Pattern, string What)[] MachineWide =
    [
        (Of(@"\bcopy\b[^;]*\bto\s+(e|u&)?['$%]"), "writes a file on the server host"),
        (Of(@"\b((be_)?lo_export|pg_file_\w+|utl_file)\b"), "writes a file on the server host"),
        (Of(@"\bcreate\s+tablespace\b"), "creates a tablespace in a directory of the server host"),
        (Of(@"\b(create|alter)\s+foreign\s+data\s+wrapper\b"), "creates or changes a foreign-data wrapper"),
        (Of($@"\b(create|alter)\s+extension\s+(if\s+not\s+exists\s+)?""?({string.Join('|', DisabledExtensions.Names)})\b"), "creates or changes an extension that accesses other servers, programs or files"),
        (Of(@"\b(update|insert\s+into|delete\s+from|merge\s+into)\s+(only\s+)?(pg_catalog\s*\.\s*)?""?pg_(proc|foreign_data_wrapper|language|extension)\b"), "changes a system catalog that defines functions"),
    ];

    public static readonly (Regex Pattern, string What)[] ServerWide =
    [
        (Of(@"\b(create|alter|drop)\s+(role|user(?!\s+mapping\b)|group)\b"), "changes a role, which is shared by all databases of the server"),
        (Of(@"\b(create|alter|drop)\s+(database|tablespace)\b"), "changes a database or a tablespace of the server"),
        (Of(@"\b(comment|label|grant|revoke)\b[^;]*\bon\s+(role|database|tablespace|parameter)\b(?!\s*[.=])"), "changes a role, a database or a tablespace of the server"),
        (Of(@"\b(grant|revoke)\b(?:(?!\bon\b|;).)*\b(to|from)\b"), "changes the membership of a role"),
        (Of(@"\b(reassign|drop)\s+owned\b"), "also changes shared objects of a role (databases, tablespaces)"),
        (Of(@"\bpg_(reload_conf|terminate_backend|cancel_backend|rotate_logfile|promote|switch_wal|create_restore_point|(create|copy)_(logical|physical)_replication_slot|drop_replication_slot|logical_slot_\w+|replication_(origin|slot)_\w+|wal_replay_\w+|stat_(\w+_)?reset\w*|(start|stop)_backup|backup_(start|stop)|file_\w+)\b"), "affects the entire server"),
        (Of(@"\b(update|insert\s+into|delete\s+from|merge\s+into)\s+(only\s+)?(pg_catalog\s*\.\s*)?""?pg_(database|authid|auth_members|db_role_setting|tablespace|shdepend|shdescription|shseclabel|parameter_acl|replication_origin|subscription)\b"), "changes a shared system catalog"),
    ];

    /// <summary>Every name in a text, in lower case: each word, and each quoted identifier.</summary>
    public static IEnumerable<string> NamesIn(string text) =>
        Words().Matches(text).Select(m => m.Value).Concat(QuotedNames().Matches(text).Select(m => m.Groups[1].Value.Replace("\"\"", "\"", StringComparison.Ordinal))).Select(n => n.ToLowerInvariant());

    /// <summary>Unchanged if comments cannot be recognized with certainty: literals in dollar quotes or with backslashes can contain anything.</summary>
    public static string WithoutComments(string source) =>
        UnsureQuotes().IsMatch(source) ? source : Comments().Replace(source, m => m.Value[0] is '-' or '/' ? " " : m.Value);

    private static Regex Of(string pattern) => new(pattern, RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant);

    [GeneratedRegex(@"\w+")]
    private static partial Regex Words();

    [GeneratedRegex(@"""((?:[^""]|"""")+)""")]
    private static partial Regex QuotedNames();

    [GeneratedRegex(@"\\'|\$\w*\$")]
    private static partial Regex UnsureQuotes();

    [GeneratedRegex(@"'(?:[^']|'')*'|""(?:[^""]|"""")*""|--[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comments();

    /// <summary>In SQL inside a body; a column can also be named language.</summary>
    [GeneratedRegex(@"\blanguage\s+[""']?(c|pl\w*u|plpython\w*|plsh|plr|plproxy|java\w*)\b", RegexOptions.IgnoreCase)]
    public static partial Regex Language();

    /// <summary>EXECUTE of an expression other than a literal, which is analysed itself; EXECUTE FUNCTION and GRANT EXECUTE ON do not match.</summary>
    [GeneratedRegex(@"\bexecute\s+(?!function\b|procedure\b|on\b|'(?:[^']|'')*'\s*(?:;|into\b|using\b))", RegexOptions.IgnoreCase)]
    public static partial Regex Dynamic();

    /// <summary>Functions that run SQL from a string.</summary>
    [GeneratedRegex(@"\b(query_to_xml\w*|cursor_to_xml\w*|ts_stat|ts_rewrite|crosstab\w*|connectby|xpath_table)\s*\(", RegexOptions.IgnoreCase)]
    public static partial Regex FromText();
}
