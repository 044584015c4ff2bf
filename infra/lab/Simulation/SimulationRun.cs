using System.Diagnostics;
using EseErp.Lab.Auditing;
using EseErp.Lab.Returns;
using EseErp.Launcher;
using EseErp.Launcher.Api;
using EseErp.Launcher.Output;
using EseErp.Launcher.Postgres;
using EseErp.Launcher.Supervision;
using Npgsql;

namespace EseErp.Lab.Simulation;

/// <summary>Clients that file returns at a running system, whatever it makes of them.</summary>
internal sealed class SimulationRun(SimulationOptions options, SystemState system, ProvisionedDatabases databases)
{
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(1);

    private readonly Tally _tally = new();
    private readonly TeamDatabases _data = new(databases);
    private OpenLoop? _loop;

    public Tally Tally => _tally;

    /// <summary>Ends by itself, or when asked to: then it files no more, and still waits for the answers that are due.</summary>
    public async Task RunAsync(Action<string> report, CancellationToken stop)
    {
        if (options.Mix.Stuck > 0 && system.AutoAdvance)
            throw new LauncherException("This system receives every item automatically; to keep some back (--stuck), start it with ./ese up --no-auto-advance.");
        using var client = new EseClient(system.PortBase);
        var chance = new Random(options.Seed);
        var times = Arrivals.Times(chance, options.For, options.Rate, _ => options.Rate);
        var devices = await DemoOrders.AddAsync(client, options.Seed, times.Count, report, stop);
        var returns = ReturnPlan.Draw(chance, times.Count, options.Mix, devices);
        // Keys of this run only: with the same ones again User Support would repeat its answers of the last run.
        var arrivals = Arrivals.Of(chance, times, returns, options.Clients, $"simulate-{Guid.CreateVersion7():n}");
        report($"{options.Clients} clients file {arrivals.Count} returns in {options.For.TotalSeconds:0} s, seed {options.Seed}; Ctrl-C ends it earlier.");

        using var intake = new Intake([client.AddressOf("user-support")], options.Patience, connections: 512);
        using var journeys = new ItemJourneys(client.AddressOf, devices.Catalogue, options.StepDelay);
        using var lag = new BacklogReader(client.AddressOf, _data);
        using var giveUp = new CancellationTokenSource();
        using var over = new CancellationTokenSource();
        await using var patience = stop.Register(() => giveUp.CancelAfter(options.Quiet));
        _loop = new OpenLoop(intake);
        var underWay = new List<Task>();
        var display = SimulationScreen.FollowAsync(token => LookAsync(lag, token), s_betweenLooks, over.Token);
        try
        {
            await _loop.RunAsync(
                arrivals,
                answered =>
                {
                    _tally.Add(answered);
                    if (!system.AutoAdvance && answered.Filed.IsAccepted && answered.Arrival.Planned.Fate == ReturnFate.Completes)
                    {
                        lock (underWay)
                            underWay.Add(journeys.RunAsync(answered.Filed, over.Token));
                    }
                },
                stop,
                giveUp.Token);
            await SettleAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Some were still without an answer, and are shown as that.
            await TryLookAsync(CancellationToken.None);
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll([display, .. underWay]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Returns that were filed.</summary>
    public int Sent => _loop?.Sent ?? 0;

    private async Task SettleAsync(CancellationToken stop)
    {
        var (unchanged, moves) = (Stopwatch.StartNew(), _tally.Moves);
        // The display looks every now and then anyway. After Ctrl-C one last look is enough.
        while (!_tally.IsOver && unchanged.Elapsed < options.Quiet && !stop.IsCancellationRequested)
        {
            await Task.Delay(s_betweenLooks, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (moves == _tally.Moves)
                continue;
            moves = _tally.Moves;
            unchanged.Restart();
        }

        await TryLookAsync(CancellationToken.None);
    }

    private async Task<Snapshot> LookAsync(BacklogReader reader, CancellationToken cancellationToken)
    {
        await TryLookAsync(cancellationToken);
        var teams = system.Services.Select(service => service.Team).Intersect(ServiceCatalog.All.Select(service => service.Team)).ToList();
        var lags = await Task.WhenAll(teams.Select(team => reader.LagAsync(team, cancellationToken)));
        return _tally.Read(Sent, teams.Zip(lags).ToDictionary(each => each.First, each => each.Second));
    }

    // A database that is away for a moment is what one may be looking at.
    private async Task TryLookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _tally.LookAsync(_data, cancellationToken);
        }
        catch (Exception failure) when (failure is NpgsqlException or OperationCanceledException)
        {
        }
    }
}
