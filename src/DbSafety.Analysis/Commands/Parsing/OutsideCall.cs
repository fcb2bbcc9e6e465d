using DbSafety.Analysis.Functions;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing;

/// <summary>Something that a statement does beside what it is: it calls a function, or has the server run a program or write a file.</summary>
internal abstract record OutsideCall : SqlNode
{
    /// <param name="Function">As it is written.</param>
    /// <param name="Arguments">As written; null if they are not all there.</param>
    internal sealed record Of(FunctionCall Function, IReadOnlyList<string>? Arguments) : OutsideCall
    {
        public RelationName Name => new(Function.Schema, Function.Name);

        /// <summary>By a default, check or index that is computed for the rows.</summary>
        public bool IsStored { get; init; }
    }

    /// <summary>COPY … FROM or TO PROGRAM, or TO a file of the server.</summary>
    internal sealed record Program(bool IsProgram) : OutsideCall;
}
