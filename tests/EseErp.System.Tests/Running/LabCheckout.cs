using System.Diagnostics;
using EseErp.Launcher;

namespace EseErp.SystemTests.Running;

/// <summary>A checkout of its own, in which the lab runs as a process: the solution beside its own build, and the built services.</summary>
internal sealed class LabCheckout
{
    public LabCheckout()
    {
        File.WriteAllText(Path.Combine(Root, "EseErp.sln"), "");
        Directory.CreateSymbolicLink(Path.Combine(Root, "services"), Path.Combine(Checkout.Root, "services"));
        var lab = Directory.CreateDirectory(Path.Combine(Root, "lab"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Checkout.Root, "infra", "lab", Checkout.BuiltInto)))
            File.Copy(file, Path.Combine(lab.FullName, Path.GetFileName(file)));
    }

    public string Root { get; } = ThrowAwayDirectory.Create();

    public string Work => Path.Combine(Root, ".ese");

    /// <summary>How to run <c>./ese</c> there.</summary>
    public ProcessStartInfo Command(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(Root, "lab", "ese-lab.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            WorkingDirectory = Root,
        };
        start.Environment.Remove("ESE_POSTGRES");
        return start;
    }

    /// <summary>Sends a signal as <c>kill</c> does.</summary>
    public static void Signal(Process process, string signal)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {process.Id}"]);
        kill.WaitForExit();
    }
}
