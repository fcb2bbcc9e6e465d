using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DbSafety.Core.Tests.Errors;

/// <summary>A call in a source file.</summary>
/// <param name="Receiver">The expression before the name of the method; empty for a constructor.</param>
/// <param name="Method">Its name, or the type that is created.</param>
internal sealed record SourceCall(string File, int Line, string Receiver, string Method, IReadOnlyList<string> Arguments)
{
    public override string ToString() => $"{Path.GetFileName(File)}:{Line}: {Receiver}.{Method}({string.Join(", ", Arguments)})";

    public static IEnumerable<SourceCall> In(string file)
    {
        foreach (var node in CSharpSyntaxTree.ParseText(System.IO.File.ReadAllText(file)).GetRoot().DescendantNodes())
        {
            if (node is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax member } call)
                yield return Of(call, $"{member.Expression}", member.Name.Identifier.Text, call.ArgumentList);
            else if (node is ObjectCreationExpressionSyntax { ArgumentList: { } arguments } creation)
                yield return Of(creation, "", $"{creation.Type}", arguments);
        }

        SourceCall Of(SyntaxNode node, string receiver, string method, ArgumentListSyntax arguments) =>
            new(file, node.GetLocation().GetLineSpan().StartLinePosition.Line + 1, receiver, method, [.. arguments.Arguments.Select(a => $"{a}")]);
    }
}
