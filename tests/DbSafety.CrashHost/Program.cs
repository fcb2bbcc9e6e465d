using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using DbSafety.Audit;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.CrashHost;

/// <summary>
/// Runs one operation and kills itself with SIGKILL at side effect number N: a named point, an SQL command that has ended, a child process that
/// was started. Its last line on standard error says where. 0: not at all; the number of side effects is then the last line of its output.
/// </summary>
internal static partial class Program
{
    /// <summary>The exit code of what no operation may throw.</summary>
    internal const int NotInTheCatalogue = 70;

    private const int Kill = 9;

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static int effects;
    private static int last;

    /// <summary>Operation, N, host, port, user, database, set, backup folder, migrations folder.</summary>
    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is ["log", var folder])
            return WriteLog(folder);
        if (arguments is not [var name, var number, var host, var port, var user, var database, var set, var backups, var migrations])
        {
            Console.Error.WriteLine("usage: DbSafety.CrashHost OPERATION N HOST PORT USER DATABASE SET BACKUPS MIGRATIONS");
            return 2;
        }

        last = int.Parse(number, CultureInfo.InvariantCulture);
        using var points = Listen(StepPoint.SourceName, started: true);
        using var commands = Listen("Npgsql", started: false);
        var target = new DatabaseTarget { Host = host, Port = int.Parse(port, CultureInfo.InvariantCulture), Username = user, Database = database };
        try
        {
            // The result names places that no event does.
            var result = await RoundCommand.RunAsync(name, new RoundPlace(target, set, backups, migrations), new Reported());
            Console.WriteLine(JsonSerializer.Serialize(result, result.GetType(), Plain));
            return 0;
        }
        catch (DbSafetyException e)
        {
            Console.WriteLine($"{e.Code}: {e.Message}\n{e.Hint}");
            return e.ExitCode;
        }
        catch (Exception e)
        {
            Console.WriteLine($"an exception that is not in the catalogue: {e}");
            return NotInTheCatalogue;
        }
        finally
        {
            Console.WriteLine(effects.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Writes lines until it is killed, and prints the identity of each line that was written.</summary>
    private static int WriteLog(string folder)
    {
        while (true)
        {
            var id = Guid.CreateVersion7();
            var now = DateTimeOffset.UtcNow;
            LogFile.Of(folder, now).Append(new LogLine { Id = id, Event = LogEvent.Started, Time = now, Operation = "backup create", User = new string('u', id.GetHashCode() & 0x1fff), Machine = "m", ProcessId = 1, ProcessStart = now, Version = "0" }.Write());
            Console.Out.WriteLine(id);
            Console.Out.Flush();
        }
    }

    private static ActivityListener Listen(string source, bool started)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        if (started)
            listener.ActivityStarted = a => Count(a.OperationName);
        else
            listener.ActivityStopped = a => Count($"sql: {a.GetTagItem("db.query.text") ?? a.OperationName}");
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static void Count(string effect)
    {
        if (Interlocked.Increment(ref effects) != last)
            return;
        Console.Error.WriteLine($"killed at {last}: {effect.ReplaceLineEndings(" ")}");
        Console.Error.Flush();
        _ = SendSignal(Environment.ProcessId, Kill);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);

    /// <summary>What the run said goes to the output, as the command line shows it.</summary>
    private sealed class Reported : IOperationEvents
    {
        public void Raise(OperationEvent operationEvent)
        {
            if (operationEvent is MessageEvent { Level: MessageLevel.Information or MessageLevel.Warning } message)
                Console.WriteLine(message.Text);
        }
    }
}
