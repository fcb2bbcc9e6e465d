using System.Collections;
using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Core.Tests.Analysis;

public sealed class ColumnPairsTests
{
    private sealed class CountedActions(IReadOnlyList<TableAction> actions) : IReadOnlyList<TableAction>
    {
        public int Read { get; private set; }

        public int Count => actions.Count;

        public TableAction this[int index] => Counted(actions[index]);

        public IEnumerator<TableAction> GetEnumerator() => actions.Select(Counted).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        private TableAction Counted(TableAction action)
        {
            Read++;
            return action;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public void The_rule_reads_each_action_of_a_statement_only_once(int drops)
    {
        List<TableAction> all = [.. Enumerable.Range(0, drops).Select(i => new TableAction.DropColumn($"d{i}", false, false)), .. Enumerable.Range(0, 1000).Select(i => new TableAction.AddColumn(new ColumnDefinition($"a{i}", "int"), false))];
        var counted = new CountedActions(all);
        var alter = new Command.AlterTable(ObjectKind.Table, new RelationName(null, "t"), counted);
        var context = new StatementContext(SqlSplitter.Split("ALTER TABLE t ADD COLUMN a0 int")[0], new SchemaHistory("public"), new ScriptState()) { DefaultSchema = "public" };
        var effects = all.Select(a => new Effect(EffectKind.Make, new SqlObject(ObjectKind.Column, alter.Name, (a as TableAction.DropColumn)?.Column ?? ((TableAction.AddColumn)a).Column.Name), a) { Command = alter }).ToList();

        var found = effects.Select(e => new DropAndRecreate().Judge(e, context)).Count(v => v is not null);

        Assert.Equal(drops, found);
        Assert.Equal(all.Count, counted.Read);
    }
}
