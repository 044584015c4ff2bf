using System.Diagnostics;
using EseErp.Launcher.Kafka;
using EseErp.Launcher.Postgres;
using EseErp.Launcher.Supervision;
using Npgsql;

namespace EseErp.Launcher;

/// <summary>
/// A whole running system: PostgreSQL, databases, the broker and the services as processes. <c>./ese up</c> and the system tests
/// drive it alike. If this process is killed, everything it started ends too.
/// </summary>
public sealed class EseSystem : IAsyncDisposable
{
    private const string Kafka = "kafka";

    private readonly EseSystemOptions _options;
    private readonly string _work;
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private CancellationTokenSource _stopping = new();
    private readonly List<SupervisedService> _services = [];
    private readonly Lock _stateGate = new();
    private readonly LocalPostgres? _postgres;
    private IOwnKafka? _kafka;
    private SystemLock? _lock;
    private SystemPhase _phase = SystemPhase.Stopped;
    private Task _background = Task.CompletedTask;
    private DatabaseProvisioning? _provisioning;
    private ProvisionedDatabases? _databases;

    public EseSystem(EseSystemOptions options)
    {
        if (options.Broker is not ("postgres" or Kafka))
            throw new LauncherException($"The broker must be postgres or kafka, not '{options.Broker}'.");
        _options = options;
        _work = options.Work;
        if (options.ExternalPostgres is null)
            _postgres = new LocalPostgres(_work, options.PortBase + ServiceCatalog.PostgresPortOffset, options.Report);
    }

    public string WorkDirectory => _work;

    public int PortBase => _options.PortBase;

    /// <summary>The connection strings of this system's databases; known once it has started.</summary>
    public ProvisionedDatabases Databases => _databases ?? throw new InvalidOperationException("The system has not been started.");

    /// <summary>Where Kafka is reached; null when the broker is PostgreSQL.</summary>
    public string? KafkaBootstrapServers => _options.Broker != Kafka
        ? null
        : _options.KafkaBootstrapServers ?? $"127.0.0.1:{_options.PortBase + ServiceCatalog.KafkaPortOffset}";

    /// <summary>Where a service listens, by the name of its team or replica.</summary>
    public Uri BaseAddress(string team) => AddressOf(Known(team)?.Definition ?? ServiceCatalog.Find(team));

    /// <summary>The id of a service's process; null while it is not running.</summary>
    public int? ProcessId(string team) => Service(team).Process?.Pid;

    /// <summary>The processes of all services and replicas that are running.</summary>
    internal IReadOnlyList<int> ProcessIds
    {
        get
        {
            lock (_stateGate)
                return [.. _services.Select(service => service.Process?.Pid).OfType<int>()];
        }
    }

    /// <summary>Null when PostgreSQL is not ours.</summary>
    internal int? PostgresProcessId => _postgres?.ProcessId;

    internal string AdministratorConnectionString => _options.ExternalPostgres ?? _postgres!.AdministratorConnectionString;

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
            WorkPlace.Claim(_work, _options.Report);
            ControlRequests.Clear(_work);
            await Leftovers.EndServicesAsync(_work);
            await Leftovers.EndKafkaAsync(_work);
            Enter(SystemPhase.Starting);
            await Ports.RequireFreeAsync(
                _options.Services.ToDictionary(service => PortOf(service), service => service.Team), TimeSpan.FromSeconds(10), cancellationToken);

            await StartPostgresAsync(cancellationToken);
            if (_kafka is not null)
            {
                _options.Report($"Starting Kafka on port {_kafka.Port}…");
                await _kafka.StartAsync(cancellationToken);
            }

            _options.Report("Starting the services…");
            foreach (var service in _options.Services)
                _services.Add(Supervise(service));
            foreach (var service in _services)
                await service.StartAsync();
            await WaitUntilAllReadyAsync(cancellationToken);
            Enter(SystemPhase.Ready);
            _background = Task.WhenAll([ControlRequests.ServeAsync(_work, HandleAsync, _stopping.Token), .. KeepOwnServersRunning()]);
        }
        catch
        {
            await StopAsync();
            throw;
        }
    }

    /// <summary>Stops the services in reverse order, then Kafka and PostgreSQL. Data stay.</summary>
    public async Task StopAsync()
    {
        if (_lock is null)
            return;
        Enter(SystemPhase.Stopping);
        await _stopping.CancelAsync();
        // Whatever else went wrong, what was started is stopped.
        await _background.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(Enumerable.Reverse(_services).Select(service => service.StopAsync())).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_kafka?.StopAsync() ?? Task.CompletedTask, _postgres?.StopAsync() ?? Task.CompletedTask);
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

    /// <summary>Stops a replica in good order; it is as if it had never been.</summary>
    internal async Task RemoveReplicaAsync(string replica)
    {
        if (Known(replica) is not { } service)
            return;
        await service.StopAsync();
        lock (_stateGate)
            _services.Remove(service);
        service.Dispose();
    }

    /// <summary>Stops a service in good order; it stays stopped until it is started.</summary>
    public Task StopServiceAsync(string team) => Service(team).StopAsync();

    /// <summary>Ends a service as kill -9 does. With <see cref="EseSystemOptions.Restart"/> it comes back automatically.</summary>
    public Task KillServiceAsync(string team) => Service(team).KillAsync();

    /// <summary>Ends our own Kafka broker as kill -9 does. It comes back automatically.</summary>
    /// <exception cref="LauncherException">There is no Kafka, or it is not ours.</exception>
    public Task KillKafkaAsync() =>
        _kafka?.KillAsync() ?? throw new LauncherException(_options.Broker == Kafka
            ? "Kafka was not started by this system; it cannot kill it."
            : "This system's broker is PostgreSQL; there is no Kafka to kill.");

    /// <summary>Waits until a service that was killed is back.</summary>
    public Task WaitUntilReadyAsync(string team, CancellationToken cancellationToken = default) =>
        Service(team).WaitUntilReadyAsync(_client, _options.ReadyLimit, cancellationToken);

    /// <summary>Ends our own PostgreSQL as kill -9 does; it comes back automatically.</summary>
    /// <exception cref="LauncherException">The server is not ours.</exception>
    public Task KillPostgresAsync() => EndPostgresAsync(Signals.Kill);

    /// <summary>Asks PostgreSQL to end in good order, whatever is under way; it comes back automatically.</summary>
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
            if (_kafka is not null)
                await _kafka.DeleteAsync();
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
            throw new LauncherException("PostgreSQL was not started by this system (ESE_POSTGRES), so it does not end it.");
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
            throw new LauncherException($"{missing.Team} is not built ({missing.Assembly} is missing); ./ese builds it, or: dotnet build EseErp.sln -c {Checkout.Configuration}.");
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
            AdministratorConnectionString,
            new Secrets(LocalPostgres.SecretsPath(_work)),
            _options.DatabasePrefix);
        var recorded = await _provisioning.BrokerOfDataAsync(cancellationToken);
        _kafka = await ChooseKafkaAsync(recorded, cancellationToken);
        var broker = _kafka?.Identity ?? (_options.Broker == Kafka ? DataBroker.ExternalKafka : DataBroker.Postgres);
        DataBroker.Require(recorded, broker);
        _databases = await _provisioning.ProvisionAsync(_options.BrokerSchema, broker, cancellationToken);
    }

    /// <summary>The Kafka to start: for data that are there the one they belong to; for new ones a container where Docker answers.</summary>
    /// <returns>Null when there is none to start.</returns>
    private async Task<IOwnKafka?> ChooseKafkaAsync(string? recorded, CancellationToken cancellationToken)
    {
        if (_options.Broker != Kafka || _options.KafkaBootstrapServers is not null)
            return null;
        var port = _options.PortBase + ServiceCatalog.KafkaPortOffset;
        var isLocal = recorded?.StartsWith(DataBroker.Local, StringComparison.Ordinal) == true;
        return !isLocal && await DockerKafka.IsAvailableAsync(cancellationToken)
            ? new DockerKafka(_work, port, _options.Report)
            : new LocalKafka(_work, port, _options.PortBase + ServiceCatalog.ZooKeeperPortOffset, _options.Report);
    }

    private SupervisedService Supervise(ServiceDefinition service)
    {
        var output = Path.Combine(_work, "logs", $"{service.Team}.out");
        Directory.CreateDirectory(Path.GetDirectoryName(output)!);
        TextFiles.Roll(output);
        var dotnet = SystemDotnet();
        var environment = ServiceEnvironment.Of(service, _options, Databases, _kafka);
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

    // ./ese says which one; what is first on the PATH may be another version. In a test this process is a test host, not dotnet itself.
    private static string SystemDotnet() =>
        Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path
        : Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath!
        : SystemCommand.Find("dotnet") ?? throw new LauncherException("dotnet was not found on the PATH.");

    /// <summary>Our own PostgreSQL and Kafka heal like a service does.</summary>
    private IEnumerable<Task> KeepOwnServersRunning()
    {
        if (_postgres is not null)
            yield return KeepRunningAsync("PostgreSQL", _ => Task.FromResult(_postgres.IsRunning), _postgres.StartAsync, _stopping.Token);
        if (_kafka is not null)
            yield return KeepRunningAsync("Kafka", _kafka.IsRunningAsync, _kafka.StartAsync, _stopping.Token);
    }

    private async Task KeepRunningAsync(
        string name, Func<CancellationToken, Task<bool>> isRunning, Func<CancellationToken, Task> start, CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(stopping))
            {
                if (await isRunning(stopping))
                    continue;
                _options.Report($"{name} ended unexpectedly; starting it again.");
                try
                {
                    await start(stopping);
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
                KafkaBootstrapServers is { } servers ? new KafkaState(servers, _kafka?.Port, _kafka?.ProcessId) : null,
                _options.AutoAdvance,
                [.. _services.Select(service => new ServiceState(service.Definition.Team, PortOf(service.Definition), service.Process, service.IsWanted))])
                .TryWrite(_work);
        }
    }
}
