using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace EseErp.Benchmarks;

/// <summary>A worker: one process of one way.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private const int LinesKept = 30;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromMinutes(5), EndLimit = TimeSpan.FromSeconds(20);

    private readonly PeerWay _way;
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _complaints = [];

    private PeerProcess(PeerWay way, Process process) => (_way, _process) = (way, process);

    public string Settings { get; private set; } = "";

    public TimeSpan Cpu => ProcessFigures.Cpu(_process.Id);

    public static async Task<PeerProcess> Start(PeerWay way, PeerPlan plan, CancellationToken cancellationToken)
    {
        if (!File.Exists(way.Program))
            throw new InvalidOperationException($"{way.Name} is not built: dotnet build tests/EseErp.Benchmarks.Peers -c Release, or start with ./ese bench peers.");
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [way.Program, PeerWorker.Command, way.Key])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Some write what they generate below it.
            WorkingDirectory = Path.GetTempPath(),
        })!;
        var worker = new PeerProcess(way, process);
        process.ErrorDataReceived += (_, line) => worker.Hear(line.Data);
        process.BeginErrorReadLine();
        try
        {
            // Not by an argument: passwords are in it.
            worker.Settings = (await worker.Say(JsonSerializer.Serialize(plan), cancellationToken)).Settings!;
            return worker;
        }
        catch
        {
            await worker.Kill();
            throw;
        }
    }

    public Task<PeerAnswer> Ask(PeerCommand command, CancellationToken cancellationToken) => Say(JsonSerializer.Serialize(command), cancellationToken);

    /// <summary>As by <c>kill -9</c>: the process does nothing more.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            using var limit = new CancellationTokenSource(EndLimit);
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }
        catch (Exception failure) when (failure is InvalidOperationException or IOException)
        {
            // Killed before.
        }

        _process.Dispose();
    }

    private async Task<PeerAnswer> Say(string line, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(line.AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerLimit);
        string? said;
        try
        {
            said = await _process.StandardOutput.ReadLineAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"{_way.Name} did not answer within {AnswerLimit.TotalMinutes:0} minutes.{Complaints}");
        }

        if (said is null) throw new InvalidOperationException($"{_way.Name} ended.{Complaints}");
        var answer = JsonSerializer.Deserialize<PeerAnswer>(said)!;
        return answer.Failure is null ? answer : throw new InvalidOperationException($"{_way.Name} failed: {answer.Failure}{Complaints}");
    }

    private string Complaints => _complaints.IsEmpty ? "" : "\n" + string.Join('\n', _complaints);

    private void Hear(string? line)
    {
        if (line is null) return;
        _complaints.Enqueue(line);
        while (_complaints.Count > LinesKept) _complaints.TryDequeue(out _);
    }
}
