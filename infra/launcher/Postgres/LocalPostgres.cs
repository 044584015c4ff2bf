using System.Diagnostics;
using EseErp.Launcher.Supervision;
using Npgsql;

namespace EseErp.Launcher.Postgres;

/// <summary>
/// A private PostgreSQL cluster from the machine's own binaries: own data, own port, 127.0.0.1 only, password
/// required. It never touches another cluster. Its data survive a stop; <see cref="DeleteAsync"/> removes them.
/// </summary>
public sealed class LocalPostgres : IAsyncDisposable
{
    private const string Administrator = "postgres";
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);

    private readonly string _workDirectory;
    private readonly string _log;
    private readonly Action<string> _report;
    private readonly Secrets _secrets;
    private readonly bool _durable;
    private PostgresGuard? _guard;
    private ChildProcess? _process;
    private string? _directory;

    /// <param name="workDirectory">Holds the data, <c>secrets.json</c> and <c>logs/postgres.out</c>.</param>
    /// <param name="port">The port to listen on.</param>
    /// <param name="report">Hears what takes a moment.</param>
    /// <param name="durable">False only for a cluster that is thrown away: it does not wait for the disk.</param>
    public LocalPostgres(string workDirectory, int port, Action<string>? report = null, bool durable = true)
    {
        _durable = durable;
        _workDirectory = Path.GetFullPath(workDirectory);
        _report = report ?? (_ => { });
        _log = Path.Combine(_workDirectory, "logs", "postgres.out");
        _secrets = new Secrets(SecretsPath(_workDirectory));
        _directory = PostgresLocation.Known(_workDirectory);
        Port = port;
    }

    public int Port { get; }

    /// <summary>Where its data are; null before the first start.</summary>
    public string? DataDirectory => _directory is null ? null : Path.Combine(_directory, "data");

    public bool IsRunning => Running is not null;

    public int? ProcessId => Running?.Process.Pid;

    /// <summary>Connects as the superuser to the database <c>postgres</c>.</summary>
    public string AdministratorConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Database = "postgres",
        Username = Administrator,
        Password = _secrets.PasswordOf(Administrator),
        Timeout = 5,
        Pooling = false,
    }.ConnectionString;

    private PostmasterFile? Running => DataDirectory is { } data ? PostmasterFile.Read(data) : null;

    public static string SecretsPath(string workDirectory) => Path.Combine(workDirectory, "secrets.json");

    /// <summary>Starts it, or takes over the one an earlier run left behind, and returns when it answers.</summary>
    /// <exception cref="LauncherException">It cannot start; the message says why.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        WorkPlace.Claim(_workDirectory, _report);
        if (await TakeOverAsync(cancellationToken))
            return;

        var installations = await Prerequisites.EnsurePostgresAsync(_workDirectory, _report, cancellationToken);
        var owner = await PostgresOwner.ChooseAsync(cancellationToken);
        Directory.CreateDirectory(Path.GetDirectoryName(_log)!);
        _directory = await PostgresLocation.ChooseAsync(_workDirectory, owner, cancellationToken);
        await Ports.RequireFreeAsync(new Dictionary<int, string> { [Port] = "PostgreSQL" }, TimeSpan.FromSeconds(5), cancellationToken);

        var cluster = new PostgresCluster(DataDirectory!, installations, owner);
        if (!cluster.IsInitialised)
        {
            _report("Creating the PostgreSQL cluster…");
            await cluster.InitialiseAsync(Administrator, _secrets.PasswordOf(Administrator), cancellationToken);
        }
        else if (!_secrets.Exist)
        {
            _report("The passwords were deleted; setting new ones…");
            await cluster.SetPasswordAsync(Administrator, _secrets.PasswordOf(Administrator), cancellationToken);
        }

        await RunAsync(cluster, cancellationToken);
    }

    /// <summary>Stops it: waits for running statements no longer than it must, loses nothing that was committed.</summary>
    public async Task StopAsync()
    {
        if (Running is { } postmaster)
            await postmaster.Process.EndAsync(Signals.Interrupt, TimeSpan.FromSeconds(20));
        _guard?.Dispose();
        _guard = null;
        _process?.Dispose();
        _process = null;
    }

    /// <summary>Stops it and deletes its data.</summary>
    public async Task DeleteAsync()
    {
        await StopAsync();
        if (_directory is not null)
            await PostgresLocation.RemoveAsync(_directory);
    }

    /// <summary>Deletes a work directory whose system has been disposed of, with the data of its cluster wherever they are.</summary>
    public static async Task DeleteDataAsync(string workDirectory)
    {
        await using (var postgres = new LocalPostgres(workDirectory, 0))
            await postgres.DeleteAsync();
        if (Directory.Exists(workDirectory))
            Directory.Delete(workDirectory, recursive: true);
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task<bool> TakeOverAsync(CancellationToken cancellationToken)
    {
        if (Running is not { } postmaster)
            return false;
        if (postmaster.Port == Port && _secrets.Exist)
        {
            Guard(postmaster.Process.Pid);
            try
            {
                await WaitUntilAnsweringAsync(() => !postmaster.Process.IsAlive, cancellationToken);
                return true;
            }
            catch (LauncherException)
            {
                // It was just shutting down, or does not accept our password: a fresh start settles both.
            }
        }

        await StopAsync();
        return false;
    }

    private async Task RunAsync(PostgresCluster cluster, CancellationToken cancellationToken)
    {
        // A postmaster that was killed leaves backends which take a moment to notice; until then a start is refused.
        for (var attempt = 1; ; attempt++)
        {
            cluster.RemoveStalePostmasterFile();
            TextFiles.Roll(_log);
            Guard(null);
            _process = ChildProcess.Start(cluster.StartCommand(Port, _durable), _log, cluster.DataDirectory is var data ? Path.GetDirectoryName(data) : null, keepsInput: false);
            try
            {
                await WaitUntilAnsweringAsync(() => _process.HasExited, cancellationToken);
                break;
            }
            catch (LauncherException) when (attempt < 10 && TextFiles.Tail(_log).Contains("shared memory block", StringComparison.Ordinal))
            {
                await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
            }
        }

        if (Running is { } postmaster)
            _guard?.Watch(postmaster.Process.Pid);
    }

    private void Guard(int? postmaster)
    {
        _guard ??= PostgresGuard.Start(DataDirectory!, Path.Combine(_workDirectory, "logs", "postgres-guard.out"));
        if (postmaster is { } pid)
            _guard.Watch(pid);
    }

    private async Task WaitUntilAnsweringAsync(Func<bool> hasEnded, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(AdministratorConnectionString);
                await connection.OpenAsync(cancellationToken);
                return;
            }
            catch (NpgsqlException failure)
            {
                if (hasEnded())
                    throw new LauncherException($"PostgreSQL ended while starting; {_log} ends:\n{TextFiles.Tail(_log, 8)}", failure);
                if (failure is PostgresException { SqlState: PostgresErrorCodes.InvalidPassword })
                    throw new LauncherException($"PostgreSQL on port {Port} does not accept the password in {SecretsPath(_workDirectory)}.", failure);
                if (clock.Elapsed > s_startLimit)
                    throw new LauncherException($"PostgreSQL did not answer on port {Port} within {s_startLimit.TotalSeconds:0} s: {failure.Message}", failure);
            }

            await Task.Delay(50, cancellationToken);
        }
    }
}
