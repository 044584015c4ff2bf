using EseErp.ServiceDefaults;
using Microsoft.Extensions.Hosting;

namespace EseErp.Messaging;

/// <summary>Stops the pump while the fault is set. This process leaves its consumer group, as one that has stopped would.</summary>
internal sealed class PausedConsumers(Faults faults, PumpControl pump) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            // Asked for first, so that a change right after is not missed.
            var change = faults.Change;
            if (!faults.Set.PauseConsumers)
            {
                await change.WaitAsync(stoppingToken);
                continue;
            }

            using var held = await pump.Hold(stoppingToken);
            while (faults.Set.PauseConsumers)
            {
                await change.WaitAsync(stoppingToken);
                change = faults.Change;
            }
        }
    }
}
