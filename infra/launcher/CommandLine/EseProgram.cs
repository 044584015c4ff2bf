using System.CommandLine;
using System.CommandLine.Help;
using EseErp.Launcher.Output;

namespace EseErp.Launcher.CommandLine;

/// <summary>What every program behind <c>./ese</c> does: finds the command, runs it until it ends or is stopped, and says in a sentence what went wrong.</summary>
internal static class EseProgram
{
    /// <summary>The commands that run the system.</summary>
    public static IReadOnlyList<Command> LauncherCommands() =>
    [
        DemoCommand.Create(),
        UpCommand.Create(),
        DownCommand.Create(),
        StatusCommand.Create(),
        ServiceCommands.Start(),
        ServiceCommands.Stop(),
        EnvCommand.Create(),
        SeedCommand.Create(),
        ReturnCommand.Create(),
        LogsCommand.Create(),
        ReplayCommand.Create(),
        DeadLettersCommand.Create(),
        FaultCommand.Create(),
        TestCommand.Create(),
    ];

    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] args, IEnumerable<Command> commands)
    {
        using var termination = new Termination();
        var verbose = new Option<bool>("--verbose") { Description = "Show where an error came from", Recursive = true };
        var root = new Command("./ese", "EseErp: returns go through five teams, coordinated by events or by calls.") { verbose, new HelpOption() };
        foreach (var command in commands)
            root.Subcommands.Add(command);
        var parsed = root.Parse(args);
        try
        {
            // Signals are handled by Termination; the library would give up on a stop after two seconds.
            return await parsed.InvokeAsync(
                new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false }, termination.Token);
        }
        catch (OperationCanceledException) when (termination.Token.IsCancellationRequested)
        {
            return 130;
        }
#pragma warning disable CA1031 // The last resort: whatever it was, a person is told in a sentence.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Screen.Error(parsed.GetValue(verbose) ? failure.ToString()
                : failure is LauncherException ? failure.Message
                : $"Unexpected: {failure.Message} (--verbose shows where)");
            return 1;
        }
    }
}
