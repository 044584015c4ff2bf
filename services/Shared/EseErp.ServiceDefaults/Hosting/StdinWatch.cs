using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EseErp.ServiceDefaults;

/// <summary>
/// Ends the service when its standard input does. The launcher holds the other end, so the system closes it even when
/// the launcher is killed with -9; without this its services would live on as orphans.
/// </summary>
internal sealed class StdinWatch(IHostApplicationLifetime lifetime, TeamLog log, ILogger<StdinWatch> logger) : IHostedLifecycleService
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>Before anything starts: a service may wait for its database for ever, and its launcher may end meanwhile.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        // A thread of its own: reading standard input blocks and cannot be cancelled.
        new Thread(Watch) { IsBackground = true, Name = "stdin watch" }.Start();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Watch()
    {
        try
        {
            using var input = Console.OpenStandardInput();
            Span<byte> ignored = stackalloc byte[256];
            while (input.Read(ignored) > 0)
            {
                // What is typed does not matter, only that the other end is there.
            }
        }
        catch (IOException)
        {
            // Broken counts as closed.
        }

        logger.LogInformation("Standard input closed because the launcher has ended; stopping");
        new Thread(KillAfterGrace) { IsBackground = true, Name = "stdin watch kill" }.Start();
        lifetime.StopApplication();
    }

    private void KillAfterGrace()
    {
        Thread.Sleep(Grace);
        logger.LogCritical("Not stopped after {Grace}; killing the process", Grace);
        log.Dispose();
        Process.GetCurrentProcess().Kill();
    }
}
