using System.Diagnostics;
using EseErp.Launcher.Postgres;
using EseErp.Launcher.Supervision;
using Npgsql;

namespace EseErp.Launcher;

/// <summary>
/// A whole running system: PostgreSQL, databases and the services as processes. <c>./ese up</c> and the system tests
/// drive it alike. If this process is killed, everything it started ends too.
/// </summary>
public sealed class EseSystem : IAsyncDisposable
{
    private readonly EseSystemOptions _options;
    private readonly string _work;
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private CancellationTokenSource _stopping = new();
    private readonly List<SupervisedService> _services = [];
    private readonly Lock _stateGate = new();
    private readonly LocalPostgres? _postgres;
    private SystemLock? _lock;
    private SystemPhase _phase = SystemPhase.Stopped;
    private Task _background = Task.CompletedTask;
    private DatabaseProvisioning? _provisioning;
    private ProvisionedDatabases? _databases;

    public EseSystem(EseSystemOptions options)
    {
        _options = options;
        _work = options.Work;
        if (options.ExternalPostgres is null)
            _postgres = new LocalPostgres(_work, options.PortBase + ServiceCatalog.PostgresPortOffset, options.Report);
    }

    public string WorkDirectory => _work;

    public int PortBase => _options.PortBase;

    /// <summary>The connection strings of this system's databases; known once it has started.</summary>
    public ProvisionedDatabases Databases => _databases ?? throw new InvalidOperationException("The system has not been started.");

    /// <summary>Where a service listens, by the name of its team or replica.</summary>
    public Uri BaseAddress(string team) => AddressOf(Known(team)?.Definition ?? ServiceCatalog.Find(team));

    /// <summary>The id of a service's process; null while it is not running.</summary>
    public int? ProcessId(string team) => Service(team).Process?.Pid;

    /// <summary>Starts everything and returns when every service is ready. On failure nothing is left running.</summary>
    /// <exception cref="LauncherException">Something could not be started; the message says what and why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        _lock = await SystemLock.TakeAsync(_work, cancellationToken);
        _stopping.Dispose();
        _stopping = new CancellationTokenSource();
        _services.Clear();
        try
        {
            RequireBuilt();
            ControlRequests.Clear(_work);
            await Leftovers.EndServicesAsync(_work);
            Enter(SystemPhase.Starting);
            await Ports.RequireFreeAsync(
                _options.Services.ToDictionary(service => PortOf(service), service => service.Team), TimeSpan.FromSeconds(10), cancellationToken);

            await StartPostgresAsync(cancellationToken);
            _options.Report("Starting the services…");
            foreach (var service in _options.Services)
                _services.Add(Supervise(service));
            foreach (var service in _services)
                await service.StartAsync();
            await WaitUntilAllReadyAsync(cancellationToken);
            Enter(SystemPhase.Ready);
            _background = Task.WhenAll(
                ControlRequests.ServeAsync(_work, HandleAsync, _stopping.Token),
                KeepPostgresRunningAsync(_stopping.Token));
        }
        catch
        {
            await StopAsync();
            throw;
        }
    }

    /// <summary>Stops the services in reverse order, then PostgreSQL. Data stay.</summary>
    public async Task StopAsync()
    {
        if (_lock is null)
            return;
        Enter(SystemPhase.Stopping);
        await _stopping.CancelAsync();
        // Whatever else went wrong, what was started is stopped.
        await _background.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(Enumerable.Reverse(_services).Select(service => service.StopAsync())).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_postgres is not null)
            await _postgres.StopAsync();
        Enter(SystemPhase.Stopped);
        _lock.Dispose();
        _lock = null;
    }

    /// <summary>Starts a stopped service and returns when it is ready.</summary>
    public async Task StartServiceAsync(string team, CancellationToken cancellationToken = default)
    {
        var service = Service(team);
        await service.StartAsync();
        await service.WaitUntilReadyAsync(_client, _options.ReadyLimit, cancellationToken);
    }

    /// <summary>Starts one more process of a service, on a port of its own, and returns when it is ready.</summary>
    /// <param name="replica">Its name from now on, such as <c>sales-2</c>, for stopping and killing it.</param>
    /// <param name="portOffset">Added to the port base; one that no service has.</param>
    public async Task StartReplicaAsync(string team, string replica, int portOffset, CancellationToken cancellationToken = default)
    {
        lock (_stateGate)
            _services.Add(Supervise(ServiceCatalog.Find(team) with { Team = replica, PortOffset = portOffset, DemoData = false }));
        await StartServiceAsync(replica, cancellationToken);
    }

    /// <summary>Stops a service in good order; it stays stopped until it is started.</summary>
    public Task StopServiceAsync(string team) => Service(team).StopAsync();

    /// <summary>Ends a service as kill -9 does. With <see cref="EseSystemOptions.Restart"/> it comes back by itself.</summary>
    public Task KillServiceAsync(string team) => Service(team).KillAsync();

    /// <summary>Waits until a service that was killed is back.</summary>
    public Task WaitUntilReadyAsync(string team, CancellationToken cancellationToken = default) =>
        Service(team).WaitUntilReadyAsync(_client, _options.ReadyLimit, cancellationToken);

    /// <summary>Ends PostgreSQL as kill -9 does; it comes back by itself.</summary>
    public Task KillPostgresAsync() => EndPostgresAsync(Signals.Kill);

    /// <summary>Asks PostgreSQL to end in good order, whatever is under way; it comes back by itself.</summary>
    public Task RestartPostgresAsync() => EndPostgresAsync(Signals.Interrupt);

    public async ValueTask DisposeAsync()
    {
        if (_options.Temporary && _provisioning is not null && _postgres is null && _lock is not null)
        {
            await Task.WhenAll(_services.Select(service => service.StopAsync()));
            await _provisioning.DropAsync();
        }

        await StopAsync();
        if (_options.Temporary)
        {
            if (_postgres is not null)
                await _postgres.DeleteAsync();
            if (Directory.Exists(_work))
                Directory.Delete(_work, recursive: true);
        }

        foreach (var service in _services)
            service.Dispose();
        _client.Dispose();
        _stopping.Dispose();
    }

    private async Task EndPostgresAsync(int signal)
    {
        if (_postgres is null)
            throw new LauncherException("PostgreSQL was not started by this system, so it does not end it.");
        if (_postgres.ProcessId is { } pid && ProcessIdentity.Of(pid) is { } postmaster)
            await postmaster.EndAsync(signal, TimeSpan.FromSeconds(20));
    }

    private SupervisedService? Known(string team) => _services.FirstOrDefault(service => service.Definition.Team == team);

    private SupervisedService Service(string team) =>
        Known(team)
        ?? _services.FirstOrDefault(service => service.Definition == ServiceCatalog.Find(team))
        ?? throw new LauncherException($"{team} is not part of this system.");

    private int PortOf(ServiceDefinition service) => _options.PortBase + service.PortOffset;

    private Uri AddressOf(ServiceDefinition service) => new($"http://127.0.0.1:{PortOf(service)}/");

    private void RequireBuilt()
    {
        var missing = _options.Services.FirstOrDefault(service => !File.Exists(Path.Combine(_options.Root, service.Assembly)));
        if (missing is not null)
            throw new LauncherException($"{missing.Team} is not built ({missing.Assembly} is missing); ./ese builds it, or: dotnet build EseErp.sln -c Release.");
    }

    private async Task WaitUntilAllReadyAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        // The first that fails ends the waiting for the others.
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waits = _services.Select(async service =>
        {
            try
            {
                await service.WaitUntilReadyAsync(_client, _options.ReadyLimit, giveUp.Token);
                _options.Report($"  {service.Definition.Team} is ready ({clock.Elapsed.TotalSeconds:0.0} s)");
            }
            catch (LauncherException)
            {
                await giveUp.CancelAsync();
                throw;
            }
        }).ToList();
        var all = Task.WhenAll(waits);
        await all.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        if (all.Exception?.InnerExceptions.OfType<LauncherException>().FirstOrDefault() is { } failure)
            throw failure;
        await all;
    }

    private async Task StartPostgresAsync(CancellationToken cancellationToken)
    {
        if (_postgres is not null)
        {
            _options.Report($"Starting PostgreSQL on port {_postgres.Port}…");
            await _postgres.StartAsync(cancellationToken);
        }

        _provisioning = new DatabaseProvisioning(
            _options.ExternalPostgres ?? _postgres!.AdministratorConnectionString,
            new Secrets(LocalPostgres.SecretsPath(_work)),
            _options.DatabasePrefix);
        _databases = await _provisioning.ProvisionAsync(_options.BrokerSchema, cancellationToken);
    }

    private SupervisedService Supervise(ServiceDefinition service)
    {
        var output = Path.Combine(_work, "logs", $"{service.Team}.out");
        Directory.CreateDirectory(Path.GetDirectoryName(output)!);
        TextFiles.Roll(output);
        var dotnet = SystemDotnet();
        var environment = ServiceEnvironment.Of(service, _options, Databases);
        return new SupervisedService(
            service,
            AddressOf(service),
            () => ChildProcess.Start(
                [dotnet, Path.Combine(_options.Root, service.Assembly)],
                output,
                Path.Combine(_options.Root, "services", service.Directory),
                environment),
            output,
            _options.Restart,
            _options.Report,
            () => Enter(_phase));
    }

    // In a test this process is a test host, not dotnet itself.
    private static string SystemDotnet() =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path
        : Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath!
        : SystemCommand.Find("dotnet") ?? throw new LauncherException("dotnet was not found on the PATH.");

    /// <summary>Our own PostgreSQL heals like a service does.</summary>
    private async Task KeepPostgresRunningAsync(CancellationToken stopping)
    {
        if (_postgres is null)
            return;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                if (_postgres.IsRunning)
                    continue;
                _options.Report("PostgreSQL ended unexpectedly; starting it again.");
                try
                {
                    await _postgres.StartAsync(stopping);
                    Enter(_phase);
                }
                catch (LauncherException failure)
                {
                    _options.Report(failure.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task<ControlAnswer> HandleAsync(ControlRequest request)
    {
        switch (request.Action)
        {
            case "start":
                await StartServiceAsync(request.Team, _stopping.Token);
                _options.Report($"{request.Team} was started.");
                return new ControlAnswer(true, $"{request.Team} is ready.");
            case "stop":
                await StopServiceAsync(request.Team);
                _options.Report($"{request.Team} was stopped.");
                return new ControlAnswer(true, $"{request.Team} is stopped.");
            case "kill":
                await KillServiceAsync(request.Team);
                return new ControlAnswer(true, $"{request.Team} was killed.");
            default:
                return new ControlAnswer(false, $"There is no action '{request.Action}'.");
        }
    }

    private void Enter(SystemPhase phase)
    {
        lock (_stateGate)
        {
            _phase = phase;
            var external = _options.ExternalPostgres is { } text ? new NpgsqlConnectionStringBuilder(text) : null;
            new SystemState(
                ProcessIdentity.Current,
                phase,
                _options.PortBase,
                new PostgresState(external?.Host ?? "127.0.0.1", external?.Port ?? _postgres!.Port, _postgres?.ProcessId),
                [.. _services.Select(service => new ServiceState(service.Definition.Team, PortOf(service.Definition), service.Process, service.IsWanted))])
                .TryWrite(_work);
        }
    }
}
