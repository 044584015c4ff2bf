using System.Diagnostics;
using System.Globalization;
using EseErp.Lab.Auditing;
using EseErp.Lab.Returns;
using EseErp.Launcher.Output;

namespace EseErp.Lab.Chaos;

/// <summary>One run: starts a system, breaks it while returns are filed, waits, and accounts.</summary>
internal sealed class ChaosRun : IAsyncDisposable
{
    // More would only wait: calls that time out and are made again slow a machine that has too much to do yet further.
    private const int MostOpen = 1000;

    private static readonly TimeSpan s_betweenLines = TimeSpan.FromSeconds(5);

    private readonly ChaosOptions _options;
    private readonly string _name;
    private readonly ChaosSystem _system;
    private bool _inUse;

    public ChaosRun(ChaosOptions options)
    {
        _options = options;
        _name = string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyyMMdd-HHmmss}-{options.Seed}");
        Work = Path.Combine(options.Directory, _name);
        // What the system says of its own is of interest only while it starts: that victims end is the point of what follows.
        _system = new ChaosSystem(Work, options.Broker, line =>
        {
            if (!_inUse)
                options.Report(line);
        });
    }

    /// <summary>Data and logs of this run.</summary>
    public string Work { get; }

    public string JsonPath => Path.GetFullPath(_options.Json ?? Path.Combine(_options.Directory, $"{_name}.json"));

    /// <summary>The running system, once it has been started.</summary>
    public ChaosSystem System => _system;

    /// <summary>What clients were told, once returns have been filed.</summary>
    public IReadOnlyList<FiledReturn> Filed { get; private set; } = [];

    public async Task<ChaosReport> RunAsync(CancellationToken cancellationToken)
    {
        var startedAt = DateTimeOffset.UtcNow;
        var returns = RequestPlan.Make(_options.Seed, _options.Returns, _options.TraditionalShare, DateOnly.FromDateTime(DateTime.UtcNow));
        var faults = FaultPlan.Make(_options.Seed, _options.Faults, FaultKind.For(_options.Broker));
        await _system.StartAsync(returns.Catalogue.OrderCount, _options.Report, cancellationToken);
        _inUse = true;

        var clock = Stopwatch.StartNew();
        var pace = new Pace(faults.Count + 1);
        var data = new TeamDatabases(_system.Databases);
        using var filing = new Filing(returns, _system.Intakes, pace);
        using var resumption = new Resumption(_system.Intakes);
        using var reader = new BacklogReader(_system.Processes.BaseAddress, data);
        var injection = new FaultInjection(new FaultScene(_system), faults, pace, clock, _options.Report);
        using var aside = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var besides = Task.WhenAll(resumption.RunAsync(aside.Token), WatchAsync(clock, pace, filing, injection, reader, aside.Token));
        try
        {
            await TogetherAsync(filing.RunAsync, injection.RunAsync, cancellationToken);
            Filed = filing.Filed;
            var disturbed = clock.Elapsed;
            _options.Report($"{Screen.Clock(disturbed)}  all {Filed.Count} returns are filed and all faults are over; waiting until everything settles");
            var left = await new Settling(reader, _options.Patience).RunAsync([.. Filed.Select(each => each.ReturnId).OfType<string>()], cancellationToken);
            var settling = clock.Elapsed - disturbed;
            var audit = await AuditAsync(cancellationToken);
            var postgres = (await data.ReadAsync("sales", "show server_version", row => row.GetString(0), cancellationToken)).Single();
            return new ChaosReport(
                startedAt,
                clock.Elapsed.TotalSeconds,
                settling.TotalSeconds,
                new ChaosSettings(_options.Faults, _options.Returns, _options.Seed, _options.Broker, _options.TraditionalShare, _options.Patience.TotalSeconds),
                Machine.Of(postgres),
                injection.Struck,
                ClientCounts.Of(Filed, filing.Repeated, resumption.Attempts),
                audit,
                left);
        }
        finally
        {
            await aside.CancelAsync();
            await besides.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Accounts for everything as it is in the databases now.</summary>
    public Task<AuditResult> AuditAsync(CancellationToken cancellationToken) =>
        new Audit(new TeamDatabases(_system.Databases)).RunAsync(Filed, cancellationToken);

    /// <summary>Deletes data and logs; the report stays. Only after the system has been stopped.</summary>
    public Task DeleteAsync() => _system.DeleteAsync();

    public ValueTask DisposeAsync() => _system.DisposeAsync();

    /// <summary>Neither continues alone when the other has failed.</summary>
    private static async Task TogetherAsync(Func<CancellationToken, Task> one, Func<CancellationToken, Task> other, CancellationToken cancellationToken)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] tasks = [one(both.Token), other(both.Token)];
        if ((await Task.WhenAny(tasks)).IsFaulted)
            await both.CancelAsync();
        await Task.WhenAll(tasks);
    }

    private async Task WatchAsync(Stopwatch clock, Pace pace, Filing filing, FaultInjection injection, BacklogReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(s_betweenLines, cancellationToken);
            var filed = filing.Filed;
            var backlog = await reader.ReadAsync([.. filed.Select(each => each.ReturnId).OfType<string>()], cancellationToken);
            if (backlog is not null)
                pace.IsHeld = backlog.Unfinished > MostOpen;
            var (struck, open) = injection.Progress;
            _options.Report(string.Create(
                CultureInfo.InvariantCulture,
                $"{Screen.Clock(clock.Elapsed)}  filed {filing.Sent} of {_options.Returns}, accepted {filed.Count(each => each.IsAccepted)}, faults {struck} of {_options.Faults} ({open} open); {backlog?.ToString() ?? "PostgreSQL does not answer"}"));
        }
    }
}
