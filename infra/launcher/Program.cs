using System.CommandLine;
using System.CommandLine.Help;
using EseErp.Launcher;
using EseErp.Launcher.CommandLine;
using EseErp.Launcher.Output;

using var termination = new Termination();
var verbose = new Option<bool>("--verbose") { Description = "Show where an error came from", Recursive = true };
var root = new Command("./ese", "EseErp: returns go through five teams, coordinated by events or by calls.")
{
    DemoCommand.Create(),
    UpCommand.Create(),
    DownCommand.Create(),
    StatusCommand.Create(),
    ServiceCommands.Start(),
    ServiceCommands.Stop(),
    SeedCommand.Create(),
    ReturnCommand.Create(),
    LogsCommand.Create(),
    ReplayCommand.Create(),
    DeadLettersCommand.Create(),
    FaultCommand.Create(),
    TestCommand.Create(),
    SimulateCommand.Create(),
    CompareCommand.Create(),
    ChaosCommand.Create(),
    BenchCommand.Create(),
    verbose,
    new HelpOption(),
};
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
