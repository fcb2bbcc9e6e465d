using DbSafety.Analysis.Commands.Parsing;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Rules;

/// <summary>COPY has the server run a program or write a file.</summary>
internal sealed class CopyProgram : IAnalysisRule
{
    public string Id => "copy-program";

    public FindingSeverity Severity => FindingSeverity.Opaque;

    public Verdict? Judge(Effect effect, StatementContext context) => effect.Cause switch
    {
        OutsideCall.Program { IsProgram: true } => new Verdict(context.StatementName, "runs a program on the database server, with the operating system privileges of the server", "its effects are not known, and neither a rollback nor a restore undoes them", "Run the program from the client, and use COPY … FROM STDIN or TO STDOUT."),
        OutsideCall.Program => new Verdict(context.StatementName, "writes a file on the database server, and overwrites it if it exists", "Use COPY … TO STDOUT."),
        _ => null,
    };
}
