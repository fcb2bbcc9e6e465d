namespace DbSafety.Analysis.Commands;

/// <summary>A part of a statement that does something: a command, or one action of an ALTER TABLE.</summary>
internal abstract record SqlNode;
