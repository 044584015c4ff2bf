using EseErp.Launcher.CommandLine;

return await EseProgram.RunAsync(args, EseProgram.LauncherCommands());
