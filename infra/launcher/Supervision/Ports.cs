using System.Diagnostics;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace EseErp.Launcher.Supervision;

/// <summary>Who listens on this machine.</summary>
internal static class Ports
{
    public static bool IsTaken(int port) =>
        IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(listener => listener.Port == port);

    /// <summary>Whether a connection to this port is accepted.</summary>
    public static async Task<bool> AcceptsAsync(int port, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        using var connection = new TcpClient();
        try
        {
            await connection.ConnectAsync("127.0.0.1", port, patience.Token);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>
    /// A port base with nothing on the hundred ports from there, clear of those that the operating system gives out by itself.
    /// </summary>
    public static int FreeBase()
    {
        var taken = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port).ToHashSet();
        var bases = Enumerable.Range(0, 200).Select(number => 8000 + (number * 100)).ToArray();
        Random.Shared.Shuffle(bases);
        return bases.First(start => !Enumerable.Range(start, 100).Any(taken.Contains));
    }

    /// <summary>Waits a moment for processes of an earlier run that are just ending.</summary>
    /// <exception cref="LauncherException">A port stays taken.</exception>
    public static async Task RequireFreeAsync(IReadOnlyDictionary<int, string> ports, TimeSpan patience, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var taken = ports.Where(entry => IsTaken(entry.Key)).ToList();
            if (taken.Count == 0)
                return;
            if (clock.Elapsed > patience)
            {
                var list = string.Join(", ", taken.Select(entry => $"{entry.Key} ({entry.Value})"));
                throw new LauncherException(
                    $"Port {list} is in use by another program; end it, or choose other ports, for example ESE_PORT_BASE={ports.Keys.Min() / 100 * 100 + 1000} ./ese up.");
            }

            await Task.Delay(200, cancellationToken);
        }
    }
}
