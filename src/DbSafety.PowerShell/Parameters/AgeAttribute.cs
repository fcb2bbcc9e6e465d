using System.Globalization;
using System.Management.Automation;
using DbSafety.Operations;

namespace DbSafety.PowerShell.Parameters;

/// <summary>
/// An age: a number of days (<c>30</c>, <c>'30'</c>, <c>1.5</c>) or a time span of at least one hour, because it often decides what is removed.
/// PowerShell itself converts an integer to that many ticks of 100 ns, which would remove nearly everything.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AgeAttribute : ArgumentTransformationAttribute
{
    /// <summary>One minute is accepted too, where nothing is removed.</summary>
    public bool RemovesNothing { get; init; }

    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        // Null is a variable that is not set: without an age, everything would be old enough.
        var age = value switch
        {
            TimeSpan span => span,
            string text => Read(text),
            char or bool or DateTime => null,
            IConvertible number => Days(number.ToDouble(CultureInfo.InvariantCulture)),
            _ => (TimeSpan?)null,
        };
        return age >= (RemovesNothing ? TimeSpan.FromMinutes(1) : TimeSpan.FromHours(1)) ? age : throw new ArgumentTransformationMetadataException(
            $"'{value}' is not an age of at least one {(RemovesNothing ? "minute" : "hour")}. Specify a number of days, such as 30 or 1.5, hours, such as 26h, or a time span with at most 23 hours, such as 12:00:00 or 1.02:00:00.");
    }

    private static TimeSpan? Read(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var days) ? Days(days)
        : AgeText.Read(text);

    private static TimeSpan? Days(double days) => days is >= 0 and <= 36_500 ? TimeSpan.FromDays(days) : null;
}
