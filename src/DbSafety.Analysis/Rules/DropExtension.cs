using DbSafety.Analysis.Commands;

namespace DbSafety.Analysis.Rules;

/// <summary>Drops an extension with its functions, types and operators.</summary>
internal sealed class DropExtension() : DropRule("drop-extension", ObjectKind.Extension)
{
    protected override string Remedy(string name) => $"Find the objects that use {name} first (pg_depend); drop it without CASCADE, so that PostgreSQL refuses while an object depends on it.";
}
