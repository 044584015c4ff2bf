using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Logging;

namespace EseErp.ServiceDefaults;

/// <summary>Settings every service has, from the configuration section <c>Ese</c>. Checked at start.</summary>
public sealed class ServiceSettings
{
    /// <summary>The team's name in kebab case, such as <c>user-support</c>. Set by the service, not by configuration.</summary>
    [Required, RegularExpression(@"\A[a-z][a-z0-9]*(-[a-z0-9]+)*\z")]
    public string Team { get; set; } = string.Empty;

    /// <summary>Where <c>{team}.ndjson</c> is written. Not set: no log file.</summary>
    public string? LogDirectory { get; set; }

    /// <summary>A log file is rolled over when it reaches this size. Default 32 MiB.</summary>
    [Range(64 * 1024, int.MaxValue)]
    public long LogFileBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>How many rolled-over files are kept beside the current one. Default 4.</summary>
    [Range(0, 100)]
    public int LogFilesKept { get; set; } = 4;

    /// <summary>The least severe level shown on standard output; <c>None</c> for silence. Default Information.</summary>
    public LogLevel ConsoleLevel { get; set; } = LogLevel.Information;

    /// <summary>The longest request body, in bytes; a longer one is answered with 413. Default 1 MiB.</summary>
    [Range(1024, 256 * 1024 * 1024)]
    public long MaxRequestBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// Longest that the service rehearses its hot paths before it says that it is ready; zero: not at all. Default 20 s. When the time is up it
    /// is ready all the same.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan WarmUpLimit { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Stops the service when its standard input ends, which the operating system guarantees when the launcher dies.
    /// Default false.
    /// </summary>
    public bool StopWhenStdinCloses { get; set; }

    /// <summary>
    /// Faults can be set while the service runs: <c>GET</c> and <c>PUT /faults</c>. Default false; a service does not start with
    /// it in the environment Production.
    /// </summary>
    public bool Faults { get; set; }

    /// <summary>
    /// The names by which clients reach the service, separated by semicolons: <c>shop.example;*.intern.example</c>. A request with
    /// another <c>Host</c> is answered with 421, whatever its port. Default: this machine's own names.
    /// </summary>
    public string Hosts { get; set; } = "localhost;127.0.0.1;[::1]";

    /// <summary>
    /// The proxies whose <c>X-Forwarded-For</c>, <c>-Proto</c>, <c>-Host</c> and <c>-Prefix</c> are believed, as addresses or
    /// networks separated by semicolons: <c>127.0.0.1;10.0.0.0/8</c>. Default: none.
    /// </summary>
    public string? TrustedProxies { get; set; }

    internal IReadOnlyList<string> HostNames => Parts(Hosts);

    /// <summary>Null: the setting makes no sense.</summary>
    internal IReadOnlyList<IPNetwork>? Proxies
    {
        get
        {
            var networks = new List<IPNetwork>();
            foreach (var part in Parts(TrustedProxies))
            {
                if (IPAddress.TryParse(part, out var address)) networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
                else if (IPNetwork.TryParse(part, out var network)) networks.Add(network);
                else return null;
            }

            return networks;
        }
    }

    /// <summary>The team as people write it: <c>User Support</c>.</summary>
    internal string DisplayName => string.Join(' ', Team.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static string[] Parts(string? list) => (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
