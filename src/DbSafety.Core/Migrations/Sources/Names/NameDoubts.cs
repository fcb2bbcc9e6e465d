using System.Text.RegularExpressions;

namespace DbSafety.Migrations.Sources.Names;

/// <summary>
/// Words of a numbered file's name that indicate that it is possibly not a migration: alone, or at the end, they describe the file (<c>099_rollback</c>, <c>003_user_seeds</c>); before the name of an object, or after
/// what is done to one, they describe a change (<c>004_add_rollback_reason</c>, <c>005_backup_settings_table</c>).
/// </summary>
internal static partial class NameDoubts
{
    private const string Data = "its name indicates that it is a seed, a sample, a dump or a backup";

    private const string Undoes = "its name indicates that it undoes or removes what other files created";

    private const string Never = "its name indicates that it must not be run";

    private const string Unfinished = "its name indicates that it is unfinished, disabled or only for development";

    /// <summary>Words that prevent a word from describing a change.</summary>
    private static readonly HashSet<string> Neutral =
    [
        "prod", "production", "staging", "dev", "test", "tests", "pg", "db", "database", "data", "full", "all", "everything", "tables", "objects", "postgres", "sql", "file", "script", "scripts", "daily", "latest", "new", "migration", "migrations",
        "daten", "datos", "dados", "donnees", "données", "de", "des", "to", "the", "this", "last", "previous", "changes", "cluster", "initial", "init",
    ];

    /// <summary>What is done to an object, whose name follows.</summary>
    private static readonly HashSet<string> Verbs =
        ["add", "adds", "create", "creates", "alter", "rename", "drop", "remove", "enable", "disable", "extend", "support", "introduce", "fix", "update", "change", "allow", "make", "set", "modify", "move", "index", "new"];

    private static readonly HashSet<string> NoObject = ["table", "column", "to", "from", "for", "and", "on", "in"];

    /// <summary>What the part of a name before its ending says by itself: <c>005_x.draft.sql</c>, <c>005_x.dev.sql</c>; null: nothing.</summary>
    public static string? OfEnding(string name) => UnfinishedEnding().IsMatch(name) ? Unfinished : null;

    /// <summary>Why a file with these words next to its number is possibly not a migration; null: there is no reason.</summary>
    public static string? Of(IReadOnlyList<string> words)
    {
        if (words.Count == 0)
            return null;
        var text = string.Join(' ', words);
        if (NeverRun().IsMatch(text))
            return Never;
        if (TestData().IsMatch(text) && !Removing().IsMatch(text))
            return Data;
        if (Everything().IsMatch(text))
            return Undoes;
        if (Only().IsMatch(text) || (words.Count > 1 && words[^1] == "wip"))
            return Unfinished;
        var rest = words.Where(w => !Neutral.Contains(w)).ToList();
        if (rest.Count > 0 && rest.TrueForAll(w => DataWord().IsMatch(w) || DataAlone().IsMatch(w)))
            return Data;
        if (rest.Count > 0 && rest.TrueForAll(w => UnfinishedWord().IsMatch(w)))
            return Unfinished;
        if (rest.Count > 0 && rest.TrueForAll(w => UndoWord().IsMatch(w) || UndoAlone().IsMatch(w)))
            return Undoes;
        var isChange = Verbs.Contains(words[0]);
        return !isChange && (DataWord().IsMatch(words[^1]) || DataFirst().IsMatch(words[0])) && !Removing().IsMatch(text) ? Data
            : (!isChange || words.Count > 2) && UndoWord().IsMatch(words[^1]) ? Undoes
            : null;
    }

    /// <summary>Words in both names, so that one file of a day could affect the other's object.</summary>
    public static bool HaveInCommon(IEnumerable<string> words, IEnumerable<string> others) => words.Select(Singular).Where(w => !Verbs.Contains(w) && !NoObject.Contains(w)).Intersect(others.Select(Singular)).Any();

    private static string Singular(string word) => word.Length > 3 && word.EndsWith('s') ? word[..^1] : word;

    [GeneratedRegex(@"\b(do not|don t|dont|never) (run|apply|execute|deploy|use)\b|\bdonotrun\b")]
    private static partial Regex NeverRun();

    [GeneratedRegex(@"\b(test|sample|demo|dummy|mock|fake|seed|example|fixture) ?data\b$|\b(test|demo|beispiel|muster) ?daten\b$|\b(datos|dados) (de )?(prueba|ejemplo|teste|exemplo)s?$|\bdonn[eé]es (de )?(test|exemple)s?$|\bdati (di )?(prova|esempio)$")]
    private static partial Regex TestData();

    [GeneratedRegex(@"^(drop|delete|remove|clear|purge)s? ")]
    private static partial Regex Removing();

    [GeneratedRegex(@"^(drop|delete|remove|truncate|wipe|clear|destroy|purge)( (all|everything|tables|data|db|database))+$")]
    private static partial Regex Everything();

    [GeneratedRegex(@"^(seeds?|seeders?|seeding|dumps?|pgdump|dumpall|backups?|bak|fixtures?|testdata|sampledata|demodata|seeddata|samples?|demos?|examples?|mocks?|dummy|testdaten|beispieldaten|beispiele?|semillas?|sementes?|ejemplos?|exemplos?|exemples?|respaldo|sicherung|sauvegarde|datensicherung)$")]
    private static partial Regex DataWord();

    [GeneratedRegex(@"^(wip|draft|disabled|skip|skipped|ignored?|tbd|scratch|old|deprecated|obsolete|unused|abandoned|faker|fake|experimental)$")]
    private static partial Regex UnfinishedWord();

    [GeneratedRegex(@"\b(dev|development|local|test|testing|staging|qa|debug|ci) only$|^(dev|development|local|test|testing|staging|qa|debug|ci) only\b|\bonly (for|in|on) (dev|development|local|test|testing|staging|qa|debug|ci)\b|\bnot (for|in|on) (prod|production)\b|\bnot ready\b|\bwork in progress\b")]
    private static partial Regex Only();

    [GeneratedRegex(@"^(snapshot|restore)$")]
    private static partial Regex DataAlone();

    [GeneratedRegex(@"\.(wip|draft|disabled|skip|skipped|ignore|todo|off|dev|development|local|test|staging|demo|old|tmp|unused)\.sql$", RegexOptions.IgnoreCase)]
    private static partial Regex UnfinishedEnding();

    /// <summary>At the beginning they are verbs, too: no object has the rest for its name.</summary>
    [GeneratedRegex(@"^(seeds?|seeding|dumps?|fixtures?|testdata)$")]
    private static partial Regex DataFirst();

    [GeneratedRegex(@"^(undo|rollbacks?|reverts?|uninstall|downgrade|backout|unapply|r(ü|ue?)ckg(ä|ae?)ngig|zur(ü|ue?)cksetzen|annuler|annulation|deshacer|revertir|reverter|desfazer|annulla|ripristina|откат|отмена|otkat|回滚|回退|撤销|ロールバック|롤백)$")]
    private static partial Regex UndoWord();

    [GeneratedRegex(@"^(down|dn|reverse|backwards?|wipe|nuke|purge|truncate|reset|cleanup|clean|teardown|destroy|zur(ü|ue?)ck|weg)$")]
    private static partial Regex UndoAlone();
}
