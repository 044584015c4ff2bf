using System.Diagnostics;

namespace EseErp.Launcher.Supervision;

/// <summary>Keeps one service running: starts it again when it ends by itself, ever more slowly while it keeps ending.</summary>
internal sealed class SupervisedService(
    ServiceDefinition definition,
    Uri address,
    Func<ChildProcess> launch,
    string outputFile,
    bool restarts,
    Action<string> report,
    Action changed) : IDisposable
{
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(8);

    // A service that ended this often before it was ever ready will not get there.
    private const int MostEndsWhileStarting = 3;

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private CancellationTokenSource? _stopping;
    private Task _supervision = Task.CompletedTask;
    private volatile ChildProcess? _child;
    private volatile int _ends;

    public ServiceDefinition Definition => definition;

    // By its identity: the child of a moment ago may be disposed of while somebody asks.
    public ProcessIdentity? Process => _child is { Identity: { IsAlive: true } process } ? process : null;

    public bool IsWanted => _stopping is { IsCancellationRequested: false };

    public async Task StartAsync()
    {
        await _oneAtATime.WaitAsync();
        try
        {
            if (IsWanted && !_supervision.IsCompleted)
                return;
            _stopping?.Dispose();
            _stopping = new CancellationTokenSource();
            _ends = 0;
            // The first start is made here, so that its failure is the caller's.
            _child = launch();
            _supervision = SuperviseAsync(_child, _stopping.Token);
            changed();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public async Task StopAsync()
    {
        await _oneAtATime.WaitAsync();
        try
        {
            if (_stopping is null)
                return;
            await _stopping.CancelAsync();
            if (_child is { Identity: { } process })
                await process.EndAsync(Signals.Terminate, s_grace);
            await _supervision;
            changed();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Kills the process outright, as a crash would; supervision continues.</summary>
    public async Task KillAsync()
    {
        if (_child is { Identity: { } process })
            await process.EndAsync(Signals.Kill, TimeSpan.FromSeconds(5));
    }

    /// <exception cref="LauncherException">It does not become ready; the message ends with what it wrote last.</exception>
    public async Task WaitUntilReadyAsync(HttpClient client, TimeSpan limit, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var earlier = _ends;
        while (!(Process is not null && await IsReadyAsync(client, cancellationToken)))
        {
            if (_supervision.IsCompleted)
                throw Failure("ended while starting");
            if (_ends - earlier >= MostEndsWhileStarting)
                throw Failure($"ended {_ends - earlier} times while starting");
            if (clock.Elapsed > limit)
                throw Failure($"was not ready after {limit.TotalSeconds:0} s");
            await Task.Delay(75, cancellationToken);
        }
    }

    public async Task<bool> IsReadyAsync(HttpClient client, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            using var answer = await client.GetAsync(new Uri(address, "health/ready"), patience.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _stopping?.Dispose();
        _oneAtATime.Dispose();
    }

    private async Task SuperviseAsync(ChildProcess child, CancellationToken stopping)
    {
        var delay = TimeSpan.FromSeconds(1);
        while (true)
        {
            var clock = Stopwatch.StartNew();
            await child.WaitForExitAsync(CancellationToken.None);
            var exitCode = child.ExitCode;
            if (stopping.IsCancellationRequested)
                break;

            _ends++;
            changed();
            if (clock.Elapsed > TimeSpan.FromSeconds(30))
                delay = TimeSpan.FromSeconds(1);
            if (!restarts)
            {
                report($"{definition.Team} ended unexpectedly ({Describe(exitCode)}); it stays stopped (--no-restart).");
                break;
            }

            report($"{definition.Team} ended unexpectedly ({Describe(exitCode)}); starting it again in {delay.TotalSeconds:0} s.");
            try
            {
                await Task.Delay(delay, stopping);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            delay = delay * 2 < s_longestDelay ? delay * 2 : s_longestDelay;
            child.Dispose();
            child = launch();
            _child = child;
            changed();
            if (stopping.IsCancellationRequested && child.Identity is { } late)
                await late.EndAsync(Signals.Terminate, s_grace);
        }

        _child = null;
        child.Dispose();
    }

    // The shell's convention, which .NET follows: 128 plus the signal.
    private static string Describe(int exitCode) => exitCode > 128 ? $"signal {exitCode - 128}" : $"exit code {exitCode}";

    private LauncherException Failure(string what)
    {
        var tail = TextFiles.Tail(outputFile);
        return new LauncherException(
            $"{definition.Team} {what}; its output is in {outputFile}{(tail.Length > 0 ? $" and ends:\n{tail}" : ", and is empty")}");
    }
}
