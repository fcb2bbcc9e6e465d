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
        // The binder tries the next parameter only if this exception is the inner exception.
        return value is null or string or FileSystemInfo or PathInfo or ValueType or IEnumerable
            ? inputData
            : throw new ArgumentTransformationMetadataException("The parameter accepts only text.", new PSInvalidCastException("The parameter accepts only text."));
    }
}
