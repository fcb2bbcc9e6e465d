using DbSafety.Analysis.Findings.Live;

namespace DbSafety.Analysis.Findings;

/// <summary>What a rule says of one effect, before the live database has been asked.</summary>
/// <param name="Object">How <c>--allow</c> and people name what is touched.</param>
/// <param name="Does">A sentence without its end, such as <c>drops column categories.active</c>.</param>
/// <param name="Remedy">What to do instead, in words.</param>
internal sealed record Verdict(string Object, string Does, string Remedy)
{
    /// <param name="alarm">See <see cref="Alarm"/>.</param>
    public Verdict(string name, string does, string alarm, string remedy)
        : this(name, does, remedy) => Alarm = alarm;

    /// <summary>What harms about it, behind <see cref="Does"/>; null where that says it. Of a finding that is lowered it is not said.</summary>
    public string? Alarm { get; init; }

    /// <summary>The whole sentence.</summary>
    public string Says => Alarm is null ? Does : Alarm.StartsWith("and ", StringComparison.Ordinal) ? $"{Does} {Alarm}" : $"{Does}: {Alarm}";

    /// <summary>What to do instead, in SQL that can be run as it is; null where words alone can say it.</summary>
    public string? SafeSql { get; init; }

    public LiveQuestion? Question { get; init; }

    /// <summary>The remedy where the table is partitioned; null where that makes no difference.</summary>
    public PartitionedRemedy? IfPartitioned { get; init; }

    /// <summary>It fails, whatever the live database holds.</summary>
    public bool Fails { get; init; }

    /// <summary>Why it is harmless here; null where it is not.</summary>
    public string? HarmlessBecause { get; init; }
}
