using DbSafety.Analysis.Commands;

namespace DbSafety.Analysis;

/// <summary>Which schema a script has put first on its search path, through SET, SET LOCAL, RESET, COMMIT and ROLLBACK.</summary>
internal sealed class SearchPath
{
    private string? session;
    private string? local;
    private bool hasLocal;
    private string? atBegin;

    /// <summary>Null: the connection's own decides.</summary>
    public string? Schema => hasLocal ? local : session;

    /// <summary>The script has named schemas, or gone back to before it did: what <see cref="Schema"/> says is then no more than likely.</summary>
    public bool IsTouched { get; private set; }

    public void Apply(Command command)
    {
        IsTouched |= command is Command.Setting { Name: "search_path" };
        switch (command)
        {
            case Command.Setting { Name: "search_path" } setting when setting.IsLocal:
                (hasLocal, local) = (true, First(setting.Values));
                break;
            case Command.Setting { Name: "search_path" } setting:
                (hasLocal, session) = (false, First(setting.Values));
                break;
            case Command.Setting { Name: "all" } or Command.Utility { Word: "discard", NeedsNoTransaction: true }:
                (hasLocal, session) = (false, null);
                break;
            case Command.Transaction { Begins: true }:
                atBegin = session;
                break;
            case Command.Transaction { Word: "rollback" or "abort" }:
                (hasLocal, session) = (false, atBegin);
                break;
            case Command.Transaction { Ends: true }:
                hasLocal = false;
                break;
        }
    }

    /// <summary><c>"$user"</c> is a schema that mostly is not there, and an empty name is none.</summary>
    private static string? First(IReadOnlyList<string> values) => values.FirstOrDefault(v => v.Length > 0 && v != "$user");
}
