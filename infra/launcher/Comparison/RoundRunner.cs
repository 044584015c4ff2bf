using System.Diagnostics;
using EseErp.Launcher.Auditing;
using EseErp.Launcher.Returns;
using Npgsql;

namespace EseErp.Launcher.Comparison;

/// <summary>Runs rounds on one system: files the returns when they are due, disturbs as the scenario says, and waits until nothing moves.</summary>
internal sealed class RoundRunner(ComparedSystem system, ComparisonOptions options, DevicePool devices)
{
    private static readonly TimeSpan s_betweenCares = TimeSpan.FromSeconds(1);

    private readonly List<AnsweredReturn> _all = [];

    /// <summary>Every return that was filed at this system, warm-up included.</summary>
    public IReadOnlyList<AnsweredReturn> All => _all;

    /// <param name="name">Makes keys unique within a comparison.</param>
    public async Task<Round> RunAsync(Scenario scenario, string mode, int number, int place, string name, CancellationToken cancellationToken)
    {
        var arrivals = Plan(scenario, mode, name);
        var stage = new Stage(system);
        var data = system.Data;
        using var aside = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var intake = new Intake([system.Intake], TimeSpan.FromMinutes(3), connections: 512);
        using var reader = new BacklogReader(system.Processes.BaseAddress, data);
        var cpu = new CpuMeter(system.Processes);
        var (counted, used, clock) = (await Counters.ReadAsync(system, cancellationToken), cpu.Seconds, Stopwatch.StartNew());
        var redriven = 0L;
        var besides = Task.WhenAll(cpu.RunAsync(aside.Token), RedriveAsync(aside.Token));
        var answered = new List<AnsweredReturn>();
        var disturbance = Task.CompletedTask;
        try
        {
            disturbance = scenario.Disturb(stage, cancellationToken);
            await new OpenLoop(intake).RunAsync(arrivals, Add, cancellationToken, cancellationToken);
            await disturbance;
            string[] returnIds = [.. answered.Select(each => each.Filed.ReturnId).OfType<string>()];
            var left = await new Settling(reader, options.Patience).RunAsync(returnIds, cancellationToken);
            var (cpuSeconds, seconds) = (cpu.Seconds - used, clock.Elapsed.TotalSeconds);
            _all.AddRange(answered);
            return new Round(
                scenario, mode, number, place, answered,
                await TrackedProgress.ReadAsync(data, returnIds, cancellationToken),
                await RejectionsAsync(data, returnIds, cancellationToken),
                intake.Repeated,
                redriven + await StuckAsync(data, returnIds, cancellationToken),
                await Counters.ReadAsync(system, cancellationToken) - counted,
                cpuSeconds, seconds, left, stage.Notes);
        }
        finally
        {
            await aside.CancelAsync();
            // It puts everything back before anybody stops the system.
            await Task.WhenAll(besides, disturbance).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        void Add(AnsweredReturn each)
        {
            lock (answered)
                answered.Add(each);
        }

        async Task RedriveAsync(CancellationToken cancelled)
        {
            while (true)
            {
                await Task.Delay(s_betweenCares, cancelled);
                foreach (var team in ServiceCatalog.All.Select(service => service.Team).Where(team => team != "user-support"))
                {
                    try
                    {
                        redriven += await system.RedriveAsync(team, cancelled);
                    }
                    catch (Exception failure) when (failure is NpgsqlException or HttpRequestException || (failure is OperationCanceledException && !cancelled.IsCancellationRequested))
                    {
                        // The team or its database is away: later.
                    }
                }
            }
        }
    }

    // The same moments, wishes and mistakes for every round of a scenario in both modes; only the devices are others.
    private IReadOnlyList<Arrival> Plan(Scenario scenario, string mode, string name)
    {
        var chance = new Random(options.Seed);
        var times = Arrivals.Times(chance, scenario.Window, options.Rate * scenario.Peak, at => options.Rate * scenario.Rate(at));
        var returns = ReturnPlan.Draw(chance, times.Count, options.Mix, devices).Select(planned => planned with { Mode = mode }).ToList();
        return Arrivals.Of(chance, times, returns, clients: 1, name);
    }

    // User Support has gone on by itself as often as it does; the rest waits for a person.
    private static Task<long> StuckAsync(TeamDatabases data, string[] returnIds, CancellationToken cancellationToken) => data.CountAsync(
        "user-support", "select count(*) from returns where status = 'Incomplete' and return_id = any(@p0)", cancellationToken, returnIds);

    private static async Task<IReadOnlyDictionary<string, DateTimeOffset>> RejectionsAsync(
        TeamDatabases data, string[] returnIds, CancellationToken cancellationToken)
    {
        var rows = await data.ReadAsync(
            "sales",
            "select subject, min(time) from ese.event_log where type = 'ese.sales.order-refund-rejected.v3' and subject = any(@p0) group by subject",
            row => (ReturnId: row.GetString(0), At: row.GetFieldValue<DateTimeOffset>(1)), cancellationToken, returnIds);
        return rows.ToDictionary(row => row.ReturnId, row => row.At);
    }
}
