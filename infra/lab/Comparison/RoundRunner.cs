using System.Diagnostics;
using EseErp.Lab.Auditing;
using EseErp.Lab.Returns;
using EseErp.Lab.Simulation;
using EseErp.Launcher;
using EseErp.Launcher.Api;
using Npgsql;

namespace EseErp.Lab.Comparison;

/// <summary>Runs rounds on one system: files the returns when they are due, disturbs as the scenario says, and waits until nothing moves.</summary>
internal sealed class RoundRunner(ComparedSystem system, ComparisonOptions options, DevicePool devices)
{
    private static readonly TimeSpan s_betweenCares = TimeSpan.FromSeconds(1);

    // Random arrivals are now and then late: so much longer than expected is long enough for any number of them.
    private const double Slack = 2;

    private const int LeastMoreReturns = 2000;

    private readonly List<AnsweredReturn> _all = [];
    private DevicePool _devices = devices;
    private double? _idleCores;
    private int _filings;

    /// <summary>Every return that was filed at this system, measured or not.</summary>
    public IReadOnlyList<AnsweredReturn> All => _all;

    /// <summary>Cores that the system used when it had nothing to do, at the last look; null where that cannot be known.</summary>
    public double? IdleCores => _idleCores;

    /// <summary>Looks how much the idle system uses, with everything that looks on during a round.</summary>
    public async Task MeasureIdleAsync(CancellationToken cancellationToken)
    {
        using var care = new Care(system, cancellationToken);
        var (used, clock) = (care.Cpu.Seconds, Stopwatch.StartNew());
        await Task.Delay(options.Idle, cancellationToken);
        _idleCores = (care.Cpu.Seconds - used) / clock.Elapsed.TotalSeconds;
        await care.EndAsync();
    }

    /// <summary>Files some returns and waits for their answers only; the teams may still be at work.</summary>
    public async Task<WarmUpWindow> WarmAsync(string mode, int returns, CancellationToken cancellationToken)
    {
        var warming = new Scenario("warm-up", "Warm-up", "", TimeSpan.Zero, 1, 1, _ => 1, (_, _) => Task.CompletedTask) { Returns = returns };
        var arrivals = await PlanAsync(warming, mode, options.WarmUp.Rate, cancellationToken);
        var cpu = new CpuMeter(system.Processes);
        var used = cpu.Seconds;
        using var intake = NewIntake();
        var answered = await FileAsync(intake, arrivals, cancellationToken);
        _all.AddRange(answered);
        return new WarmUpWindow(Latencies.Of(answered.Select(each => each.Latency)).P50, 1000 * (cpu.Seconds - used) / returns);
    }

    /// <summary>Waits until nothing moves of anything that was filed.</summary>
    public async Task<Backlog?> SettleAsync(CancellationToken cancellationToken)
    {
        using var reader = new BacklogReader(system.Processes.BaseAddress, system.Data);
        return await new Settling(reader, options.Patience).RunAsync(ReturnIdsOf(_all), cancellationToken);
    }

    public async Task<Round> RunAsync(Scenario scenario, string mode, int number, int place, double rate, CancellationToken cancellationToken)
    {
        var arrivals = await PlanAsync(scenario, mode, rate, cancellationToken);
        var stage = new Stage(system);
        var data = system.Data;
        using var intake = NewIntake();
        using var reader = new BacklogReader(system.Processes.BaseAddress, data);
        var counted = await Counters.ReadAsync(system, cancellationToken);
        using var care = new Care(system, cancellationToken);
        var (used, clock) = (care.Cpu.Seconds, Stopwatch.StartNew());
        var disturbance = Task.CompletedTask;
        try
        {
            disturbance = scenario.Disturb(stage, cancellationToken);
            var answered = await FileAsync(intake, arrivals, cancellationToken);
            await disturbance;
            var returnIds = ReturnIdsOf(answered);
            var left = await new Settling(reader, options.Patience).RunAsync(returnIds, cancellationToken);
            var (cpuSeconds, seconds) = (care.Cpu.Seconds - used, clock.Elapsed.TotalSeconds);
            _all.AddRange(answered);
            return new Round(
                scenario, mode, number, place, rate, answered,
                await TrackedProgress.ReadAsync(data, returnIds, cancellationToken),
                await RejectionsAsync(data, returnIds, cancellationToken),
                intake.Repeated,
                care.Redriven + await StuckAsync(data, returnIds, cancellationToken),
                await Counters.ReadAsync(system, cancellationToken) - counted,
                cpuSeconds, _idleCores, seconds, left, stage.Notes);
        }
        finally
        {
            await care.EndAsync();
            // It puts everything back before anybody stops the system.
            await disturbance.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Intake NewIntake() => new(system.Intakes, TimeSpan.FromMinutes(3), connections: 512);

    private static async Task<List<AnsweredReturn>> FileAsync(Intake intake, IReadOnlyList<Arrival> arrivals, CancellationToken cancellationToken)
    {
        var answered = new List<AnsweredReturn>();
        await new OpenLoop(intake).RunAsync(arrivals, Add, cancellationToken, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return answered;

        void Add(AnsweredReturn each)
        {
            lock (answered)
                answered.Add(each);
        }
    }

    // The same moments, wishes and mistakes for every round of a scenario in every mode; only the devices are others.
    private async Task<IReadOnlyList<Arrival>> PlanAsync(Scenario scenario, string mode, double rate, CancellationToken cancellationToken)
    {
        var chance = new Random(options.Seed);
        var window = scenario.Expected(rate) * (scenario.Returns is null ? 1 : Slack);
        var times = Arrivals.Times(chance, window, rate * scenario.Peak, at => rate * scenario.Rate(at));
        if (scenario.Returns is { } exactly)
            times = [.. times.Take(exactly)];
        if (_devices.Left < times.Count)
        {
            using var client = new EseClient(system.Processes.PortBase);
            _devices = await DemoOrders.AddAsync(client, options.Seed, Math.Max(LeastMoreReturns, times.Count), _ => { }, cancellationToken);
        }

        var returns = ReturnPlan.Draw(chance, times.Count, scenario.DeclinesNone ? options.Mix with { Declined = 0 } : options.Mix, _devices).Select(planned => planned with { Mode = mode }).ToList();
        // Keys are of this system only.
        return Arrivals.Of(chance, times, returns, clients: system.Intakes.Count, $"compare-{++_filings}-{mode}");
    }

    private static string[] ReturnIdsOf(IEnumerable<AnsweredReturn> answered) => [.. answered.Select(each => each.Filed.ReturnId).OfType<string>()];

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

    /// <summary>What goes on beside a round: processor time is read, and what a team set aside is driven again, as a person would.</summary>
    private sealed class Care : IDisposable
    {
        private readonly ComparedSystem _system;
        private readonly CancellationTokenSource _over;
        private readonly Task _work;

        public Care(ComparedSystem system, CancellationToken cancellationToken)
        {
            (_system, Cpu) = (system, new CpuMeter(system.Processes));
            _over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _work = Task.WhenAll(Cpu.RunAsync(_over.Token), RedriveAsync(_over.Token));
        }

        public CpuMeter Cpu { get; }

        public long Redriven { get; private set; }

        public async Task EndAsync()
        {
            await _over.CancelAsync();
            await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        public void Dispose() => _over.Dispose();

        private async Task RedriveAsync(CancellationToken cancelled)
        {
            while (true)
            {
                await Task.Delay(s_betweenCares, cancelled);
                foreach (var team in ServiceCatalog.All.Select(service => service.Team).Where(team => team != "user-support"))
                {
                    try
                    {
                        Redriven += await _system.RedriveAsync(team, cancelled);
                    }
                    catch (Exception failure) when (failure is NpgsqlException or HttpRequestException || (failure is OperationCanceledException && !cancelled.IsCancellationRequested))
                    {
                        // The team or its database is away: later.
                    }
                }
            }
        }
    }
}
