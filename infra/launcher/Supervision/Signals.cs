using System.Runtime.InteropServices;

namespace EseErp.Launcher.Supervision;

/// <summary>Sends signals to processes by id; .NET itself knows only SIGKILL.</summary>
internal static class Signals
{
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Kill = 9;
    public const int Terminate = 15;

    // These two differ between systems.
    public static int Stop { get; } = OperatingSystem.IsMacOS() ? 17 : 19;
    public static int Continue { get; } = OperatingSystem.IsMacOS() ? 19 : 18;

    /// <summary>Returns whether there was such a process.</summary>
    public static bool Send(int pid, int signal) => pid > 1 && SendSignal(pid, signal) == 0;

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int pid, int signal);
}
