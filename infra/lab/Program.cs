using EseErp.Lab.CommandLine;
using EseErp.Launcher.CommandLine;

// The launcher's commands too: ./ese --help tells of all of them, and whatever ./ese does not know by name comes here.
return await EseProgram.RunAsync(args,
[
    .. EseProgram.LauncherCommands(),
    SimulateCommand.Create(),
    CompareCommand.Create(),
    ChaosCommand.Create(),
    BenchCommand.Create(),
]);
