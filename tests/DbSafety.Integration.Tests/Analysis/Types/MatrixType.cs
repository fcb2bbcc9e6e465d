using Npgsql;

namespace DbSafety.Integration.Tests.Analysis.Types;

/// <summary>One row and column of the matrix of type changes: a type, and values of it, as text.</summary>
internal sealed record MatrixType(string Name, params string[] Values)
{
    public const string Schema =
        """
        CREATE TYPE mood AS ENUM ('calm', 'sad');
        CREATE TYPE moods AS ENUM ('angry', 'calm', 'sad', 'other');
        CREATE TYPE pair AS (a int, b text);
        CREATE TYPE other_pair AS (a int, b text);
        CREATE DOMAIN number AS int;
        CREATE DOMAIN positive AS int CHECK (VALUE > 0);
        CREATE DOMAIN code AS varchar(5);
        CREATE DOMAIN longer_code AS varchar(20);
        CREATE DOMAIN required_text AS text NOT NULL;
        CREATE DOMAIN codes AS varchar(5)[];
        """;

    public static readonly MatrixType[] All =
    [
        new("smallint", "1", "-7", "300"), new("integer", "1", "0", "70000"), new("bigint", "1", "5000000000"), new("numeric", "1", "2.50", "1234567890123.25"), new("numeric(10,2)", "1.50", "-2.25"),
        new("numeric(12,2)", "1.50", "1234567890.25"), new("numeric(12,4)", "1.5000", "0.1234"), new("real", "1.5", "0.1"), new("double precision", "1", "0.1", "1e300"), new("money", "1.50", "1234.56"),
        new("text", "abc", "1", "12", "2020-01-02", "true", "{1,2}", "a text of more than twenty characters", "angry"), new("varchar", "abc", "12", "calm"), new("varchar(5)", "abc", "12"),
        new("varchar(20)", "abc", "longer than five"), new("char(5)", "abc", "12345"), new("char(53)", "abc", "c9b7a1d4-1c1a-4b5e-8f0e-0d9c3b2a1f00"), new("\"char\"", "a", "1"), new("name", "abc", "12"),
        new("citext", "aBc", "12"), new("bytea", "\\x0102", "\\x61626364656667"), new("boolean", "t", "f"), new("date", "2020-01-02", "1999-12-31"), new("time", "12:34:56.123456", "00:00:00"),
        new("time(3)", "12:34:56.123", "00:00:00"), new("timetz", "12:34:56.123456+02", "00:00:00+00"), new("timestamp", "2020-01-02 12:34:56.123456", "2020-07-02 00:00:00"),
        new("timestamp(3)", "2020-01-02 12:34:56.123"), new("timestamp(6)", "2020-01-02 12:34:56.123456"), new("timestamptz", "2020-01-02 12:34:56.123456+00", "2020-11-01 06:30:00+00"),
        new("timestamptz(3)", "2020-01-02 12:34:56.123+00"), new("interval", "1 year 2 mons 3 days 04:05:06.789012", "2 hours"), new("interval(3)", "04:05:06.789"), new("interval day to minute", "3 days 04:05:00"),
        new("interval year", "2 years"), new("uuid", "c9b7a1d4-1c1a-4b5e-8f0e-0d9c3b2a1f00"), new("json", "{\"a\": 1,  \"a\": 2}", "1"), new("jsonb", "{\"a\": 1}", "1", "\"x\"", "true"), new("xml", "<a/>", "<b>1</b>"),
        new("cidr", "10.0.0.0/8", "192.168.1.1/32"), new("inet", "10.1.2.3/8", "10.0.0.0/8", "::1"), new("macaddr", "08:00:2b:01:02:03"), new("macaddr8", "08:00:2b:ff:fe:01:02:03", "08:00:2b:01:02:03:04:05"),
        new("bit(3)", "101"), new("bit(8)", "10100000"), new("bit varying", "101", "1010000011"), new("bit varying(8)", "101", "10100000"), new("oid", "1", "4000000000"), new("regclass", "pg_class"), new("regtype", "integer"),
        new("point", "(1,2)"), new("box", "(3,4),(1,2)"), new("circle", "<(1,2),3>"), new("polygon", "((0,0),(1,1),(1,0))"), new("path", "((0,0),(1,1),(1,0))", "[(0,0),(1,1)]"), new("lseg", "[(0,0),(1,1)]"),
        new("int4range", "[1,5)", "empty"), new("int8range", "[1,5)"), new("numrange", "[1.5,2.50]"), new("daterange", "[2020-01-01,2020-02-01)"), new("int4multirange", "{[1,5)}"), new("tsvector", "'a' 'b'"),
        new("tsquery", "'a' & 'b'"), new("jsonpath", "$.\"a\""), new("pg_lsn", "0/16B3748"), new("integer[]", "{1,2}", "{}"), new("bigint[]", "{1,5000000000}"), new("text[]", "{a,b}", "{1,2}", "{longer}"),
        new("varchar(5)[]", "{a,b}"), new("varchar(20)[]", "{a,longer}"), new("numeric[]", "{1.5,2.50}"), new("mood", "calm", "sad"), new("moods", "angry", "calm"), new("mood[]", "{calm,sad}"), new("pair", "(1,x)"), new("other_pair", "(1,x)"),
        new("number", "1", "-7"), new("positive", "1", "7"), new("code", "abc"), new("longer_code", "abc", "longer than five"), new("required_text", "abc", "1"), new("codes", "{a,b}"),
    ];

    /// <summary>Those that the server has.</summary>
    public static async Task<IReadOnlyList<MatrixType>> OnAsync(NpgsqlConnection connection)
    {
        var found = new List<MatrixType>();
        foreach (var type in All)
        {
            try
            {
                await using var command = new NpgsqlCommand($"SELECT $type${type.Values[0]}$type$::{type.Name}", connection) { AllResultTypesAreUnknown = true };
                await command.ExecuteScalarAsync();
                found.Add(type);
            }
            catch (PostgresException)
            {
                // Younger than the server, or a part that it was built without.
            }
        }

        return found;
    }
}
