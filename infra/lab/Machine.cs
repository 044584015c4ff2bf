using System.Runtime.InteropServices;

namespace EseErp.Lab;

/// <summary>Where something was measured.</summary>
internal sealed record Machine(int Cores, string OperatingSystem, string Runtime, string Postgres)
{
    public static Machine Of(string postgres) =>
        new(Environment.ProcessorCount, RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription, postgres);
}
