namespace DbSafety.Integration.Tests.Analysis.Locks;

/// <summary>Anything that pg_depend can name.</summary>
/// <param name="Catalog">The catalog it is a row of.</param>
/// <param name="Part">A column's number; 0 for the whole.</param>
internal readonly record struct CatalogObject(string Catalog, uint Oid, int Part = 0);
