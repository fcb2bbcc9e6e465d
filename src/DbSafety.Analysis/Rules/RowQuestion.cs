using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>What the live database is asked about a change of rows.</summary>
internal static class RowQuestion
{
    private static readonly string[] OfDates = ["datestyle", "timezone", "intervalstyle"];

    private static readonly string[] Dates = ["date", "time", "timestamp", "timestamptz", "interval", "now", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "extract", "to_char", "date_trunc", "date_part"];

    public static LiveQuestion OfDelete(RowChange change, StatementContext context) =>
        new(LiveFactKind.RowsWhere, context.History.Live(change.Stored), LiveReach.DeleteCascades)
        {
            IsThroughView = change.Behind is not null,
            Condition = AsLive(change, context)?.Touched,
            Alias = change.Alias,
            Chooses = change.Chooses,
            DependsOnSession = DependsOnSession(change, context),
            Session = SessionOf(change, context),
            Proves = context.Proves(change.Stored),
            MeetsLiveRules = change.Behind is null && MeetsLiveRules(change.Table, context),
        };

    /// <summary>As <see cref="OfDelete"/>, of all rows of a table.</summary>
    public static LiveQuestion OfDeleteAll(RelationName table, StatementContext context) =>
        new(LiveFactKind.Rows, context.History.Live(table), LiveReach.DeleteCascades) { Proves = context.Proves(table), MeetsLiveRules = MeetsLiveRules(table, context) };

    /// <summary>Null if it cannot be asked which rows an INSERT … ON CONFLICT overwrites.</summary>
    public static LiveQuestion? OfUpdate(RowChange change, StatementContext context)
    {
        if (change is { Proposed: { } rows, Behind: null } && !context.Statement.IsAbridged && rows.Joined(change, c => context.History.IsAdded(change.Table, c)) is var joined && AsLive(joined, context) is not null
            && OfUpdate(joined, context) is { Overwrite: { } upsert } asking)
            return asking with { Overwrite = upsert with { IsListed = rows.IsListed, IfComputed = upsert.IfComputed is { } inner ? inner with { Overwrite = inner.Overwrite! with { IsListed = rows.IsListed } } : null } };
        if (change.From.Length == 0)
            return null;
        var live = context.History.Live(change.Stored);
        var all = change with { Where = null, Joins = false, Others = null, With = null, Chosen = null, IsUncountable = false, From = AllFrom(change, live) };
        var old = change.Columns.Where(c => !change.Filled.Contains(c) && !context.History.IsAdded(change.Stored, change.StoredColumn(c))).Distinct().ToList();
        var columns = old.Select(c => new LiveColumn(c, change.Column(LiveColumn(c)))).ToList();
        var asked = AsLive(change, context) is { } found && (found != change || old.TrueForAll(c => LiveColumn(c) == c)) ? found : null;
        var filling = ReferenceEquals(asked, change) && CanFill(change, context) ? change.Filling : [];
        var filled = change with { Filling = [], Filled = [.. change.Filled, .. filling.Select(f => f.Column)] };
        var question = new LiveQuestion(LiveFactKind.RowsWhere, live)
        {
            Condition = asked?.Losing(old),
            Alias = change.Alias,
            Chooses = change.Chooses,
            DependsOnSession = DependsOnSession(change, context),
            Session = SessionOf(change, context),
            Overwrite = new LiveOverwrite(asked?.Touched, all.Touched!, all.Losing([.. old.Select(LiveColumn)]), columns) 
            {
                Nulled = [.. change.Nulled.Intersect(old)],
                Defaulted = [.. change.Defaulted.Intersect(old)],
                Filling = filling.Count == 0 ? null : $"{change.With} SELECT {string.Join(", ", filling.Select(f => $"{f.Sql}, {change.Column(f.Column)}"))} FROM {change.From}{(change.Others is null ? "" : ", " + change.Others)}",
                IfFilled = filling.Count == 0 || FillsOnly(filled, context) is not null ? null : OfUpdate(filled, context),
                OnlyColumn = columns is [var only] && change.Nulled.Count + change.Defaulted.Count == 0 && !context.History.IsRetyped(change.Stored, change.StoredColumn(only.Name)) ? change.StoredColumn(only.Name) : null,
                AddedIfMissing = change.Behind is null && !context.Script.SearchPath.IsTouched && old.TrueForAll(c => context.History.IsAddedIfMissing(change.Stored, c)) ? old : [],
                Assigned = change.Behind is not null ? [] : [.. change.Columns.Select(LiveColumn)],
                MayBeNull = [.. old.Except(change.NeverNull).Select(c => context.History.LiveColumn(change.Stored, change.StoredColumn(c)))],
            },
            Proves = context.Proves(change.Stored),
            IsThroughView = change.Behind is not null,
        };
        return asked?.Changing(old) is not { } changing || !CanCompute(change, context) ? question : question with
        {
            Overwrite = question.Overwrite with
            {
                IfComputed = question with
                {
                    Condition = changing.Losing(old),
                    Chooses = changing.Chooses,
                    Overwrite = question.Overwrite with
                    {
                        Touched = changing.Touched,
                        Columns = Where(change.Changes),
                        Nulling = Where((_, sql) => $"({sql}) IS NULL"),
                    },
                },
            },
        };

        // The old values of the rows in which that is so.
        List<LiveColumn> Where(Func<string, string, string> isSo) => [.. change.Computed.Where(c => old.Contains(c.Column)).Select(c => new LiveColumn(c.Column, $"CASE WHEN {change.Fits(isSo(c.Column, c.Sql))} THEN {change.Column(c.Column)} END"))];

        // The query of a view is asked by the view's own names.
        string LiveColumn(string column) => change.Behind is null ? context.History.LiveColumn(change.Table, column) : column;
    }

    /// <summary>The types of what is assigned are those of the live database.</summary>
    private static bool CanFill(RowChange change, StatementContext context) => change.Behind is null && !context.InBody && !context.IsRaised && !context.History.HasDroppedObjects
        && !context.History.Written.IsUnseen && !context.Script.SearchPath.IsTouched && (change is { Joins: false, With: null } || context.History.Catalog.ShowsAbsenceOf(context.Statement));

    /// <summary>The functions are PostgreSQL's own, and the types of the columns those of the live database.</summary>
    private static bool CanCompute(RowChange change, StatementContext context) => change.Behind is null && !context.InBody && !context.IsRaised && !context.Statement.StartsWith("prepare") && !context.Script.SearchPath.IsTouched
        && change.Computed.Where(c => !context.History.IsAdded(change.Stored, c.Column)).All(c => SqlSplitter.Split(c.Sql) is [var value] && value.Tokens.Where(t => t.IsName).Select(t => t.Value).Append(c.Column).All(n =>
            !context.History.IsRetyped(change.Stored, n) && !context.History.IsAdded(change.Stored, n) && context.History.Dropped(change.Stored, n) is null && context.Routines?.IsOfSetInAny(n) != true && context.Routines?.Of(n).Any() != true));

    /// <summary>No statement of the set can have dropped, replaced or disabled a rule of the table.</summary>
    private static bool MeetsLiveRules(RelationName table, StatementContext context) => context.Proves(table) && !context.Script.SearchPath.IsTouched && !context.History.Written.IsUnseen
        && !context.Script.Settings.IsTouched(ScriptSettings.ReplicationRole) && context.History.Triggers.Of(context.History.Live(table), isRule: true).Length == 0;

    /// <summary>Why it overwrites no value; null if it may overwrite one.</summary>
    public static string? FillsOnly(RowChange change, StatementContext context)
    {
        bool IsNew(string column) => context.History.IsAdded(change.Stored, change.StoredColumn(column));
        return change.Columns.Count == 0 ? null : change.Columns.All(IsNew) ? "it fills columns that the same pending migrations created"
            : change.Columns.All(c => change.Filled.Contains(c) || IsNew(c)) ? "only NULL is replaced" : null;
    }

    /// <summary>What an UPDATE assigns to.</summary>
    public static string ColumnsOf(RowChange change) => change.Columns.Count == 0 ? "columns" : string.Join(", ", change.Columns);

    /// <summary>What can be asked where the statement's condition is not all there: about all rows. Null: nothing.</summary>
    public static LiveQuestion? OfAll(LiveQuestion? question) =>
        question?.Overwrite is { } overwrite ? question with { Condition = null, Overwrite = overwrite with { Touched = null } } : null;

    /// <param name="triggerFunctions">Of the live database, of triggers that the set created.</param>
    /// <param name="areKnown">They have the names that they have there.</param>
    public static LiveQuestion? With(LiveQuestion? question, IReadOnlyList<RelationName> triggerFunctions, bool areKnown) =>
        question?.Overwrite is { } overwrite && triggerFunctions.Count > 0 ? question with { Overwrite = overwrite with { TriggerFunctions = triggerFunctions, IfComputed = areKnown ? overwrite.IfComputed : null } } : question;

    /// <summary>The change with its table as the live database calls it, and with columns of both their names; null where its conditions may mean something else there.</summary>
    private static RowChange? AsLive(RowChange change, StatementContext context)
    {
        var (live, renamed) = (context.History.Live(change.Stored), context.History.RenamedColumns(change.Stored));
        if (live == change.Stored && (renamed.Count == 0 || change.ReadsOthers || change.Behind is not null))
            return context.Script.SearchPath.IsTouched && change.ReadsOthers ? null : change;
        if (change.ReadsOthers || change.Behind is not null || change.From.Length == 0 || renamed.Values.Any(c => context.History.IsAdded(change.Stored, c)))
            return null;
        return change with { From = $"(SELECT *{string.Concat(renamed.Select(c => $", {SqlName.Quote(c.Value)} AS {SqlName.Quote(c.Key)}"))} FROM {live.Sql}) AS {SqlName.Quote(change.Alias)}" };
    }

    private static bool DependsOnSession(RowChange change, StatementContext context) => change.Chooses is { } chooses && (SqlSplitter.Split(chooses) is not [{ Tokens: var tokens }]
        || tokens.Any(t => t.Is("last_value") || t.Is("current_setting")) || (Array.Exists(OfDates, context.Script.Settings.IsUnknown) && ReadsDates(tokens)));

    private static string? SessionOf(RowChange change, StatementContext context)
    {
        var set = OfDates.Select(name => (Name: name, Values: context.Script.Settings.Of(name))).Where(s => s.Values is { Count: > 0 } and not ["local"]).ToList();
        return set.Count == 0 || change.Chooses is not { } chooses || SqlSplitter.Split(chooses) is not [{ Tokens: var tokens }] || !ReadsDates(tokens) ? null
            : $"SELECT {string.Join(", ", set.Select(s => $"pg_catalog.set_config({SqlName.Literal(s.Name)}, {SqlName.Literal(string.Join(", ", s.Values!))}, true)"))}";
    }

    /// <summary>A date is read, and a time is shown, by settings of the session.</summary>
    private static bool ReadsDates(IReadOnlyList<SqlToken> tokens) => tokens.Any(t => t.IsName ? Array.Exists(Dates, t.Is) : t.Kind == SqlTokenKind.Text && IsDate(t.Inside));

    /// <summary><c>2024-01-02</c>, <c>1/2/2024</c>, <c>10:30</c>.</summary>
    private static bool IsDate(ReadOnlySpan<char> text)
    {
        var digits = text.IndexOfAnyExceptInRange('0', '9');
        return digits is > 0 and < 5 && digits + 1 < text.Length && (text[digits] is '-' or '/' or '.' or ':') && char.IsAsciiDigit(text[digits + 1]);
    }

    private static string AllFrom(RowChange change, RelationName live) =>
        change.Behind is not null || live == change.Table ? change.From : $"{live.Sql} AS {SqlName.Quote(change.Alias)}";
}
