return await DbSafety.Cli.CommandLine.RunAsync(args, Console.Out, Console.Error);
