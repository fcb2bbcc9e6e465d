using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>Columns that the set has added to a table that was there, and that an UPDATE fills: a table that inherits from it can have columns of these names, with values.</summary>
/// <param name="Table">As the live database calls it.</param>
/// <param name="TriggerFunctions">The functions of BEFORE triggers that the set creates, where these are functions of the live database.</param>
internal sealed record LiveFill(RelationName Table, IReadOnlyList<string> Columns, IReadOnlyList<RelationName> TriggerFunctions);
