using System.Collections.Concurrent;
using EseErp.Lab.Returns;

namespace EseErp.Lab.Chaos;

/// <summary>Files the planned returns in step with the faults.</summary>
internal sealed class Filing(RequestPlan plan, IReadOnlyList<Uri> intakes, Pace pace) : IDisposable
{
    private const int Clients = 16;

    private readonly Intake _intake = new(intakes, TimeSpan.FromMinutes(5));
    private readonly ConcurrentBag<FiledReturn> _filed = [];
    private int _sent;

    /// <summary>Every return that has its answer.</summary>
    public IReadOnlyList<FiledReturn> Filed => [.. _filed];

    /// <summary>Returns that were sent, whether or not they have an answer.</summary>
    public int Sent => _sent;

    /// <summary>Requests that had to be sent again.</summary>
    public int Repeated => _intake.Repeated;

    /// <summary>Returns when every return has its answer.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async number =>
        {
            for (var index = Interlocked.Increment(ref next); index < plan.Requests.Count; index = Interlocked.Increment(ref next))
            {
                var request = plan.Requests[index];
                while (pace.IsHeld || request.First >= pace.Share * plan.Returns.Count)
                    await Task.Delay(20, cancellationToken);
                Interlocked.Add(ref _sent, request.Returns.Count);
                foreach (var filed in await _intake.InsistAsync(request, number, cancellationToken))
                    _filed.Add(filed);
            }
        }));
    }

    public void Dispose() => _intake.Dispose();
}
