using System.Collections;
using System.Management.Automation;

namespace DbSafety.PowerShell.Parameters;

/// <summary>
/// PowerShell turns any object into text when nothing else fits: a table row without a Database column would become a
/// database called <c>@{Server=…}</c>. On a parameter that takes text from the pipeline, only text and files are text.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TextOnlyAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        // The binder goes on to the next parameter only when it finds this exception inside of the other.
        return value is null or string or FileSystemInfo or PathInfo or ValueType or IEnumerable
            ? inputData
            : throw new ArgumentTransformationMetadataException("Only text is taken here.", new PSInvalidCastException("Only text is taken here."));
    }
}
