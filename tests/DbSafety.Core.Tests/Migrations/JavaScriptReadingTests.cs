using DbSafety.Migrations.Sources.Reading;

namespace DbSafety.Core.Tests.Migrations;

/// <summary>What a configuration in JavaScript gives as plain text is read; what it computes is unknown, and never another value.</summary>
public sealed class JavaScriptReadingTests
{
    private const string Unknown = "?";

    private const string Absent = "-";

    [Theory]
    [InlineData("{ out: './db' }", "./db")]
    [InlineData("{ out: \"./db\" }", "./db")]
    [InlineData("{ out: `./db` }", "./db")]
    [InlineData("{ 'out': './db' }", "./db")]
    [InlineData("{ \"out\" : './db', }", "./db")]
    [InlineData("{ ['out']: './db' }", "./db")]
    [InlineData("{ out: 'it\\'s' }", "it's")]
    [InlineData("{ a: 'x: \"y\"', out: './db' }", "./db")]
    [InlineData("{ a: '// no comment', out: './db' }", "./db")]
    [InlineData("{ // out: 'no'\n /* out: 'no', */ out: './db' /* 'x */ }", "./db")]
    [InlineData("{ out /* : 'no' */ : /* 'no' */ './db' }", "./db")]
    [InlineData("{ a: 1, out: './db', b: [1, 2] }", "./db")]
    [InlineData("{ a: () => ({ out: 'no' }), b: 1 }", Absent)]
    [InlineData("{ a: '{ out: 1 }' }", Absent)]
    [InlineData("{ a: `${x ? `in ${y}` : '}'}`, out: './db' }", "./db")]
    [InlineData("{ a: /['\"`]/, out: './db' }", "./db")]
    [InlineData("{ a: /[/'{]\\/'/g, out: './db' }", "./db")]
    [InlineData("{ a: [/'/, /`/i], out: './db' }", "./db")]
    [InlineData("{ a: x.replace(/\"/g, ''), out: './db' }", "./db")]
    [InlineData("{ a: 4 / 2, b: '/', out: './db' }", "./db")]
    [InlineData("{ a: (b + c) / 2, out: './db', d: e[0] / '2' }", "./db")]
    [InlineData("{ out: `./${name}` }", Unknown)]
    [InlineData("{ out: 'a' + 'b' }", Unknown)]
    [InlineData("{ out: process.env.OUT }", Unknown)]
    [InlineData("{ out: process.env.OUT ?? './db' }", Unknown)]
    [InlineData("{ out: process.env.OUT || './db' }", Unknown)]
    [InlineData("{ out: x ? './a' : './b' }", Unknown)]
    [InlineData("{ out: './db'.trim() }", Unknown)]
    [InlineData("{ out: './db' as string }", Unknown)]
    [InlineData("{ out: folder() }", Unknown)]
    [InlineData("{ out }", Unknown)]
    [InlineData("{ get out() { return 'x' } }", Unknown)]
    [InlineData("{ out() { return 'x' } }", Unknown)]
    [InlineData("{ ...base }", Unknown)]
    [InlineData("{ out: './db', ...base }", Unknown)]
    [InlineData("{ [name]: './db' }", Unknown)]
    [InlineData("{ a: { out: './no' } }", Absent)]
    [InlineData("{ tables: [{ out: './no' }] }", Absent)]
    [InlineData("{ client: make({ out: './no' }) }", Absent)]
    public void A_property_is_its_plain_text_or_unknown(string config, string value)
    {
        var values = JavaScriptValues.Read($"export default {config}");
        Assert.Equal(value, JavaScriptValues.TryFind(values, "out", out var found) ? found ?? Unknown : Absent);
    }

    [Theory]
    [InlineData("{ migrations: { table: 't' } }", "t")]
    [InlineData("{ a: { migrations: { table: 'no' } }, migrations: { schema: 's', table: 't' } }", "t")]
    [InlineData("{ migrations: { nested: { table: 'no' } } }", Absent)]
    [InlineData("{ migrations: base }", Unknown)]
    [InlineData("{ migrations: { ...base } }", Unknown)]
    [InlineData("{ migrations: { table: process.env.TABLE ?? 't' } }", Unknown)]
    public void Nested_objects_are_paths(string config, string value)
    {
        var values = JavaScriptValues.Read($"module.exports = {config}");
        Assert.Equal(value, JavaScriptValues.TryFind(values, "migrations.table", out var found) ? found ?? Unknown : Absent);
    }

    [Theory]
    [InlineData("{ \"a\": \"x\", 'b': 'y', c: 3, d: true, e: null, }", "a=x b=y c=3 d=true e=null")]
    [InlineData("{ // a: 1\n a: 'x' /* , b: 2 */ }", "a=x")]
    [InlineData("{ a: { b: ['c', 'd', 1] } }", "a={b=[c d 1]}")]
    [InlineData("{ a: `t`, b: 'x' + 'y', c: process.env.C ?? 'z', d: 'x' }", "a=? b=? c=? d=x")]
    [InlineData("{ a: f({ b: ',' }), c: 'x' }", "a=? c=x")]
    [InlineData("{ a: `${b}, }`, c: 'x' }", "a=? c=x")]
    [InlineData("{ a: /['},]/, c: 'x' }", "a=? c=x")]
    [InlineData("{ a: [/\\/'/g, 'b'], c: 'x' }", "a=[? b] c=x")]
    [InlineData("{ a: 1 / 2, c: 'x' }", "a=? c=x")]
    [InlineData("{ a, ...b, c() { return '}' }, d: 'x' }", "?=? d=x")]
    public void An_object_is_a_tree_of_plain_values_and_what_is_computed(string text, string tree) => Assert.Equal($"{{{tree}}}", Show(ObjectLiteral.Read(text)!));

    private static string Show(object value) => value switch
    {
        IReadOnlyDictionary<string, object> members => $"{{{string.Join(' ', members.Select(m => $"{Show(m.Key)}={Show(m.Value)}"))}}}",
        IEnumerable<object> items => $"[{string.Join(' ', items.Select(Show))}]",
        ObjectLiteral.Computed => Unknown,
        _ => (string)value,
    };
}
