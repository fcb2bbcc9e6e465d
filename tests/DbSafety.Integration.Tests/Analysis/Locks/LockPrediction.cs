using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Integration.Tests.Analysis.Locks;

/// <summary>What the analysis says of a statement, for the relations of one catalog.</summary>
internal sealed class LockPrediction
{
    private readonly Dictionary<uint, LockMode> modes = [];
    private readonly Dictionary<uint, TableWork> work = [];

    /// <param name="path">The schemas of names without one.</param>
    public static LockPrediction Of(SqlStatement statement, CatalogShape shape, IReadOnlyList<string> path)
    {
        var prediction = new LockPrediction();
        foreach (var effect in Effects(statement))
        {
            foreach (var taken in effect.Locks)
            {
                foreach (var relation in shape.Reach(effect, taken, path))
                {
                    prediction.modes[relation] = (LockMode)Math.Max((int)prediction.modes.GetValueOrDefault(relation), (int)taken.Mode);
                    prediction.work[relation] = (TableWork)Math.Max((int)prediction.work.GetValueOrDefault(relation), (int)taken.Work);
                }
            }
        }

        return prediction;
    }

    /// <summary>Whoever uses an index locks its table too.</summary>
    public LockMode Mode(CatalogRelation relation) =>
        (LockMode)Math.Max((int)modes.GetValueOrDefault(relation.Oid), relation.Table is { } table ? (int)modes.GetValueOrDefault(table) : 0);

    public TableWork Work(uint table) => work.GetValueOrDefault(table);

    public IEnumerable<uint> Relations => modes.Keys;

    private static IEnumerable<Effect> Effects(SqlStatement statement)
    {
        var command = CommandParser.Parse(statement);
        return EffectReader.Read(command).Concat(command is Command.DoBlock
            ? RoutineBody.Statements(statement, command).SelectMany(inner => EffectReader.Read(CommandParser.ParseInBody(inner, null))) : []);
    }
}
