using System.Reflection;
using System.Runtime.InteropServices;

namespace EseErp.Messaging.Kafka;

/// <summary>
/// Finds librdkafka: the one the NuGet package brings where it is there, else the operating system's. Debian calls the file
/// <c>librdkafka.so.1</c>, which the package's own search does not know.
/// </summary>
internal static class NativeKafka
{
    private static readonly Lazy<bool> Registered = new(() =>
    {
        NativeLibrary.SetDllImportResolver(typeof(Confluent.Kafka.Library).Assembly, Resolve);
        return true;
    });

    /// <summary>To be called before the first Kafka client of the process.</summary>
    public static void Register() => _ = Registered.Value;

    /// <summary>
    /// Before 2.3.0 librdkafka ends the process when a cooperative member leaves that was never assigned anything
    /// (confluentinc/librdkafka#4312).
    /// </summary>
    public static bool SurvivesCooperativeRebalancing
    {
        get
        {
            Register();
            return Confluent.Kafka.Library.Version >= 0x02_03_00_00;
        }
    }

    internal static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == "librdkafka" && !NativeLibrary.TryLoad(name, assembly, path, out _) && NativeLibrary.TryLoad("librdkafka.so.1", out var system)
            ? system
            : nint.Zero;
}
