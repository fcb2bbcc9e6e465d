using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Analysis.Findings;

/// <summary>What is in the body of a routine, or in the actions of a rule, and happens when it is called or raised.</summary>
/// <param name="Calls">Everything that may be a routine's name.</param>
/// <param name="Assigned">What it puts in place of the values of a row, where it is the function of a trigger.</param>
internal sealed record BodyEffects(IReadOnlyList<MigrationFinding> Findings, IReadOnlyList<string> Calls, IReadOnlyList<RowEvent> Events, IReadOnlyList<NewValue> Assigned)
{
    public bool IsNothing => Findings.Count + Calls.Count + Events.Count + Assigned.Count == 0;

    /// <summary>All names with a parenthesis behind them in what a statement computes or calls.</summary>
    public static IEnumerable<string> CallsOf(SqlStatement statement, Command command)
    {
        if (From(statement, command) is not { } from)
            yield break;
        for (var i = from + 1; i < statement.Tokens.Count; i++)
        {
            if (statement.Tokens[i].IsMark('(') && statement.Tokens[i - 1].IsName)
                yield return statement.Tokens[i - 1].Value;
        }
    }

    /// <summary>Where what it computes or calls begins; null if it does neither.</summary>
    public static int? From(SqlStatement statement, Command command) => command is Command.Call || ComputesForRows(command) ? 0 : OutsideEffects.From(statement, command);

    /// <summary>Defaults of new columns, conversions, checks and expressions of indexes are computed for the rows that are there.</summary>
    private static bool ComputesForRows(Command command) => command is Command.CreateIndex
        || (command is Command.AlterTable table && table.Actions.Any(a => a is TableAction.AddColumn or TableAction.ChangeType or TableAction.AddConstraint { Constraint.Kind: ConstraintKind.Check }));

    /// <summary>They are collected while a body is read; bodies stand in bodies.</summary>
    internal sealed class Collected
    {
        private readonly List<MigrationFinding> findings = [];
        private readonly List<string> calls = [];
        private readonly List<RowEvent> events = [];
        private readonly List<NewValue> assigned = [];

        public (int, int, int, int) Mark => (findings.Count, calls.Count, events.Count, assigned.Count);

        public void Add(MigrationFinding finding) => findings.Add(finding);

        public void AddCall(string name) => calls.Add(name);

        public void Add(SqlStatement statement, IEnumerable<string> called, IEnumerable<RowEvent> raised)
        {
            calls.AddRange(called);
            events.AddRange(raised);
            assigned.AddRange(NewValue.Of(statement));
        }

        // Routines call each other: what many of them do is reported once.
        public BodyEffects Since((int, int, int, int) mark) => new(
            [.. findings[mark.Item1..].DistinctBy(f => (f.Rule, f.Message))], [.. calls[mark.Item2..].Distinct()], [.. events[mark.Item3..].Distinct()], [.. assigned[mark.Item4..].Distinct()]);

        /// <summary>As <see cref="Since"/>, and forgets it.</summary>
        public BodyEffects TakeSince((int, int, int, int) mark)
        {
            var does = Since(mark);
            findings.RemoveRange(mark.Item1, findings.Count - mark.Item1);
            calls.RemoveRange(mark.Item2, calls.Count - mark.Item2);
            events.RemoveRange(mark.Item3, events.Count - mark.Item3);
            assigned.RemoveRange(mark.Item4, assigned.Count - mark.Item4);
            return does;
        }

        public void Clear()
        {
            findings.Clear();
            calls.Clear();
            events.Clear();
            assigned.Clear();
        }
    }
}
