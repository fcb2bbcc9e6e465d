using DbSafety.Cli;
using DbSafety.Cli.Rendering;

// A message that cannot be written must not end an operation.
Console.SetError(new ResultWriter(Console.Error, null));
return await CommandLine.RunAsync(args, Console.Out, Console.Error);
