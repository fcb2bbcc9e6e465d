using DbSafety.Analysis.Scripts;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Migrations.Sources;

/// <summary>PostgreSQL's error for a migration, and its position.</summary>
/// <param name="Line">1-based line in the file.</param>
/// <param name="Statement">The statement, shortened. Passwords in it, and in what PostgreSQL repeats of it, are hidden: the migration history keeps it, too.</param>
internal sealed record MigrationError(string File, int Line, string Statement, string SqlState, string Message, string? Detail, string? Hint)
{
    public string Statement { get; } = Secrets.Mask(Statement);

    public string Message { get; } = Secrets.Mask(Message);

    public string? Detail { get; } = Detail is null ? null : Secrets.Mask(Detail);

    public static MigrationError From(PostgresException e, string file, SqlStatement statement)
    {
        var line = statement.Line;
        // The position counts characters from 1, in the statement as it was sent.
        var position = e.Position > 0 ? e.Position : e.InternalQuery == statement.Text ? e.InternalPosition : 0;
        if (position > 0 && position <= statement.Text.Length)
            line += statement.Text.AsSpan(0, position - 1).Count('\n');
        return new MigrationError(file, line, statement.Excerpt, e.SqlState, e.MessageText, e.Detail, e.Hint);
    }

    public override string ToString() =>
        $"{File} line {Line}: {Message}{(Detail is null ? "" : $" ({Detail})")}; the statement was: {Statement}";
}
