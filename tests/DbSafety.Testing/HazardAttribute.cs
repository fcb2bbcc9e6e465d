using Xunit.v3;

namespace DbSafety.Testing;

/// <summary>The test reproduces a row of docs/hazards.md, such as <c>H12</c>. Pester's tests have the row as a tag.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class HazardAttribute(string row) : Attribute, ITraitAttribute
{
    public string Row => row;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("hazard", row)];
}
