using DbSafety.Analysis.Findings.Live;

namespace DbSafety.Analysis.Findings;

/// <summary>The result of a rule for an effect, before the live database is queried.</summary>
/// <param name="Object">How <c>--allow</c> and people name what is touched.</param>
/// <param name="Does">A sentence without its end, such as <c>drops column categories.active</c>.</param>
/// <param name="Remedy">What to do instead, in words.</param>
internal sealed record Verdict(string Object, string Does, string Remedy)
{
    /// <param name="alarm">See <see cref="Alarm"/>.</param>
    public Verdict(string name, string does, string alarm, string remedy)
        : this(name, does, remedy) => Alarm = alarm;

    /// <summary>The consequence, after <see cref="Does"/>; null if that includes it. Omitted if the finding is lowered.</summary>
    public string? Alarm { get; init; }

    /// <summary>The complete sentence.</summary>
    public string Says => Alarm is null ? Does : Alarm.StartsWith("and ", StringComparison.Ordinal) ? $"{Does} {Alarm}" : $"{Does}: {Alarm}";

    /// <summary>What to do instead, in SQL that can be run as it is; null if there is no such SQL.</summary>
    public string? SafeSql { get; init; }

    public LiveQuestion? Question { get; init; }

    /// <summary>The remedy if the table is partitioned; null if that makes no difference.</summary>
    public PartitionedRemedy? IfPartitioned { get; init; }

    /// <summary>It fails, whatever the live database holds.</summary>
    public bool Fails { get; init; }

    /// <summary>Why it is harmless; null if it is not.</summary>
    public string? HarmlessBecause { get; init; }
}
