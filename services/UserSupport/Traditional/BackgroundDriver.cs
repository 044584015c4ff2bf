using Microsoft.Extensions.Options;

namespace EseErp.UserSupport.Traditional;

/// <summary>Drives returns that were answered at once, several at the same time. <see cref="BackgroundResumer"/> continues those that do not come through here.</summary>
internal sealed partial class BackgroundDriver(
    DriveQueue queue, TraditionalProcess process, IOptions<TraditionalOptions> options, ILogger<BackgroundDriver> log) : BackgroundService
{
    // Those under way when the service stops write down what came of their calls.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.Value.AtOnce).Select(_ => Task.Run(() => DriveOnAndOn(stoppingToken), CancellationToken.None)));

    private async Task DriveOnAndOn(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await process.Drive(await queue.Take(stoppingToken), stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Driving a return in the background failed; it continues automatically: {Reason}")]
    private partial void LogFailed(string reason);
}
