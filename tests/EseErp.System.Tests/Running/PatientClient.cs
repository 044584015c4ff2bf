using System.Collections.Concurrent;
using EseErp.DemoData;

namespace EseErp.SystemTests.Running;

/// <summary>
/// A client that files many returns as fast as it can and is not put off by a service that crashes: on a broken connection
/// it sends the same request with the same key again.
/// </summary>
public sealed class PatientClient(RunningSystem system, string mode)
{
    private readonly ConcurrentDictionary<string, string> _filed = [];

    /// <summary>Serial number → return id, of what has been answered so far.</summary>
    public IReadOnlyDictionary<string, string> Filed => _filed;

    /// <summary>All return ids answered so far.</summary>
    public IReadOnlyList<string> ReturnIds => [.. _filed.Values];

    /// <summary>Files each device alone, several at a time.</summary>
    /// <param name="statuses">The answers that say that the return was taken.</param>
    public Task FileEach(IEnumerable<DemoReturn> devices, int atATime, params int[] statuses) => Parallel.ForEachAsync(
        devices,
        new ParallelOptions { MaxDegreeOfParallelism = atATime },
        async (device, _) =>
        {
            var answer = await Insist(key => system.File(device, mode, key));
            statuses.ShouldContain(answer.Status, answer.Body);
            Note(device, answer.Json.Text("returnId")!);
        });

    /// <summary>Files all devices in one request.</summary>
    public async Task FileTogether(IReadOnlyList<DemoReturn> devices)
    {
        var body = new { returns = devices.Select(device => RunningSystem.Request(device, mode)) };
        var answer = await Insist(key => system.Post(Teams.UserSupport, "returns/batch", body, key));
        var results = answer.Expect(200).Json.List("results");
        results.Count.ShouldBe(devices.Count);
        foreach (var (device, result) in devices.Zip(results)) Note(device, result.Text("returnId")!);
    }

    /// <summary>Waits until so many are answered.</summary>
    public Task Until(int filed) => Eventually.Within(
        Expectations.InTheEnd, () => Task.FromResult(_filed.Count), count => count >= filed, $"{filed} returns are filed");

    private static Task<Answer> Insist(Func<string, Task<Answer>> send)
    {
        var key = Guid.NewGuid().ToString();
        // Only a request without an answer is sent again: whatever is answered counts.
        return Eventually.Within(Expectations.InTheEnd, () => send(key), _ => true, "User Support answers");
    }

    private void Note(DemoReturn device, string returnId) => _filed.TryAdd(device.SerialNumber, returnId).ShouldBeTrue();
}
