using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands;

/// <summary>The table whose rows a view shows, and how it calls the view's columns.</summary>
internal sealed record ViewedRows(RelationName Table, Func<string, string> Column);
