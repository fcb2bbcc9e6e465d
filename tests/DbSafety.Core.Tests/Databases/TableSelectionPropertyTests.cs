using System.Text.RegularExpressions;
using CsCheck;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Tables;

namespace DbSafety.Core.Tests.Databases;

public sealed class TableSelectionPropertyTests
{
    private static readonly Gen<TableName> Table = Gen.Select(Gen.OneOf(Gen.OneOf("public", "app", "App", "a.b"), Property.Name), Property.Name, (schema, name) => new TableName(schema, name));

    /// <summary>The tables of a database, which of them were found for each of the options, and which option was used.</summary>
    private static readonly Gen<(TableName Table, bool IsNamed, bool IsExcluded, bool IsView)[]> Databases =
        Gen.Select(Table, Gen.Bool, Gen.Bool, Gen.Bool).Array[1, 20].Select(tables => tables.DistinctBy(t => t.Item1).ToArray());

    [Fact]
    public void A_quoted_name_used_as_a_pattern_matches_only_itself() => Gen.Select(Table, Table).Holds((table, other) =>
    {
        var pattern = NamePattern.Parse(SqlName.Quote(table.Schema, table.Name))!;
        Assert.True(Fits(pattern, table));
        Assert.Equal(table == other, Fits(pattern, other));
        Assert.Equal(NamePattern.Parse(SqlName.Quote(table.Name)), new NamePattern(null, pattern.Name));
    });

    [Fact]
    public void The_pg_dump_arguments_select_exactly_the_selected_tables() => Gen.Select(Databases, Gen.Bool, Gen.Bool).Holds((database, namesTables, namesSchemas) =>
    {
        var selection = Selection(database, namesTables, namesSchemas);
        var arguments = selection.Arguments().Select(a => a.Split('=', 2)).ToLookup(a => a[0], a => NamePattern.Parse(a[1])!);
        var read = database.Select(d => d.Table).Where(t =>
            (!arguments["--table"].Any() || arguments["--table"].Any(p => Fits(p, t)))
            && (!arguments["--schema"].Any() || arguments["--schema"].Any(p => Regex.IsMatch(t.Schema, Whole(p.Name), RegexOptions.Singleline)))
            && !arguments["--exclude-table"].Any(p => Fits(p, t)));
        Assert.Equal(read.Where(t => !database.Single(d => d.Table == t).IsView), Chosen(selection, database));
    });

    [Fact]
    public void Each_table_is_either_selected_or_listed_as_excluded() => Gen.Select(Databases, Gen.Bool, Gen.Bool).Holds((database, namesTables, namesSchemas) =>
    {
        var selection = Selection(database, namesTables, namesSchemas);
        var chosen = Chosen(selection, database).Select(t => SqlName.Display(t.Schema, t.Name)).ToList();
        var leftOut = selection.Scope(Catalog(database))?.LeftOut ?? [];
        Assert.Equal(database.Where(d => !d.IsView).Select(d => SqlName.Display(d.Table.Schema, d.Table.Name)).Order(StringComparer.Ordinal), chosen.Concat(leftOut).Order(StringComparer.Ordinal));
    });

    [Fact]
    public void An_excluded_table_is_never_selected_and_an_exclusion_adds_no_tables() => Gen.Select(Databases, Gen.Bool).Holds((database, namesTables) =>
    {
        var chosen = Chosen(Selection(database, namesTables, namesSchemas: false), database);
        Assert.DoesNotContain(chosen, t => database.Any(d => d.Table == t && d.IsExcluded));
        Assert.Empty(chosen.Except(Chosen(Selection([.. database.Select(d => d with { IsExcluded = false })], namesTables, namesSchemas: false), database)));
    });

    /// <summary>As the server answers: pg_dump refuses patterns that fit nothing, and so do we.</summary>
    private static TableSelection Selection((TableName Table, bool IsNamed, bool IsExcluded, bool IsView)[] database, bool namesTables, bool namesSchemas)
    {
        var named = database.Where(d => d.IsNamed).Select(d => (d.Table.Schema, d.Table.Name)).ToList();
        var excluded = database.Where(d => d.IsExcluded).Select(d => (d.Table.Schema, d.Table.Name)).ToList();
        (namesTables, namesSchemas) = (namesTables && named.Count > 0, namesSchemas && !namesTables && named.Count > 0);
        var request = new BackupSelection { Tables = namesTables ? ["t"] : [], Schemas = namesSchemas ? ["s"] : [], ExcludeTables = excluded.Count > 0 ? ["x"] : [] };
        return new TableSelection(request, namesTables ? named : [], excluded, namesSchemas ? named.Select(n => n.Schema) : []);
    }

    private static IEnumerable<TableName> Chosen(TableSelection selection, (TableName Table, bool IsNamed, bool IsExcluded, bool IsView)[] database) =>
        selection.Of(Catalog(database)).Tables.Select(t => new TableName(t.Schema, t.Name));

    private static TableCatalog Catalog((TableName Table, bool IsNamed, bool IsExcluded, bool IsView)[] database) => new(
        [.. database.Where(d => !d.IsView).Select(d => new TableCatalog.Table(d.Table.Schema, d.Table.Name, 1, true, 1))],
        [.. database.Where(d => d.IsView).Select(d => new TableCatalog.Omission("materialized view", d.Table.Schema, d.Table.Name))]);

    private static bool Fits(NamePattern pattern, TableName table) =>
        Regex.IsMatch(table.Schema, Whole(pattern.Schema!), RegexOptions.Singleline) && Regex.IsMatch(table.Name, Whole(pattern.Name), RegexOptions.Singleline);

    /// <summary>.NET's <c>$</c> lets a last line break pass, PostgreSQL's does not.</summary>
    private static string Whole(string pattern) => pattern[..^1] + @"\z";
}
