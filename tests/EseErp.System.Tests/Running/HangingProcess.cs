using System.Runtime.InteropServices;

namespace EseErp.SystemTests.Running;

/// <summary>A process that is stopped by SIGSTOP: its port accepts connections and nobody answers.</summary>
internal sealed class HangingProcess : IDisposable
{
    private const int Stopping = 19;
    private const int Continuing = 18;

    private readonly int _id;

    private HangingProcess(int id) => _id = id;

    public static HangingProcess Stop(int id)
    {
        Signal(id, Stopping).ShouldBe(0);
        return new HangingProcess(id);
    }

    /// <summary>It goes on where it was.</summary>
    public void Continue() => Signal(_id, Continuing).ShouldBe(0);

    public void Dispose() => _ = Signal(_id, Continuing);

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int id, int signal);
}
