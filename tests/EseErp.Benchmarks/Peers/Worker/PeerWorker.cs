using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace EseErp.Benchmarks;

/// <summary>What a worker is asked, one line of JSON each.</summary>
/// <param name="Verb"><c>fill</c>, <c>rate</c>, <c>pause</c>, <c>resume</c> or <c>heard</c>.</param>
/// <param name="From">The number of the first request.</param>
/// <param name="PerSecond">For <c>rate</c>.</param>
public sealed record PeerCommand(string Verb, int From = 0, int Count = 0, int PerSecond = 0);

/// <summary>What it answers.</summary>
/// <param name="Failure">Why it could not; null when it could.</param>
/// <param name="Begun">When each request was filed, in microseconds since 1970.</param>
public sealed record PeerAnswer(string? Failure = null, string? Settings = null, IReadOnlyList<long>? Begun = null, IReadOnlyList<HeardFact>? Heard = null);

/// <summary>
/// One process that does the work in one way. It reads its plan and then commands from standard input, answers each on
/// standard output, and ends when its input does.
/// </summary>
public static class PeerWorker
{
    /// <summary>The argument that starts one; the way's name follows.</summary>
    public const string Command = "peer";

    public static async Task<int> Run(string name, IReadOnlyDictionary<string, Func<IPeer>> known)
    {
        // Whoever started it is interrupted too and ends it.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        var answers = Console.Out;
        // What a library prints must not be taken for an answer.
        Console.SetOut(Console.Error);
        if (!known.TryGetValue(name, out var create) || await Console.In.ReadLineAsync() is not { } first) return 1;
        await using var peer = create();
        await Answer(answers, async () =>
        {
            await peer.Start(JsonSerializer.Deserialize<PeerPlan>(first)!, CancellationToken.None);
            return new PeerAnswer(Settings: peer.Settings);
        });
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var command = JsonSerializer.Deserialize<PeerCommand>(line)!;
            await Answer(answers, () => Obey(peer, command));
        }

        return 0;
    }

    private static async Task<PeerAnswer> Obey(IPeer peer, PeerCommand command)
    {
        switch (command.Verb)
        {
            case "fill":
                await peer.Fill([.. Enumerable.Range(command.From, command.Count).Select(PeerRequests.Of)]);
                return new PeerAnswer();
            case "rate":
                return new PeerAnswer(Begun: await File(peer, command));
            case "pause":
                await peer.Pause();
                return new PeerAnswer();
            case "resume":
                await peer.Resume();
                return new PeerAnswer();
            case "heard":
                return new PeerAnswer(Heard: peer.Heard);
            default:
                return new PeerAnswer($"'{command.Verb}' is no command.");
        }
    }

    // Whatever the answers do: one that is slow does not keep back the next.
    private static async Task<long[]> File(IPeer peer, PeerCommand command)
    {
        var (begun, running) = (new long[command.Count], new List<Task>(command.Count));
        var start = Stopwatch.GetTimestamp();
        for (var number = 0; number < command.Count; number++)
        {
            var wait = TimeSpan.FromSeconds((double)number / command.PerSecond) - Stopwatch.GetElapsedTime(start);
            if (wait > TimeSpan.Zero) await Task.Delay(wait);
            begun[number] = (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            running.Add(peer.Publish(PeerRequests.Of(command.From + number)));
        }

        await Task.WhenAll(running);
        return begun;
    }

    private static async Task Answer(TextWriter answers, Func<Task<PeerAnswer>> work)
    {
        PeerAnswer answer;
        try
        {
            answer = await work();
        }
#pragma warning disable CA1031 // Whatever it is, whoever asked has to hear of it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            answer = new PeerAnswer(failure.ToString());
        }

        await answers.WriteLineAsync(JsonSerializer.Serialize(answer));
        await answers.FlushAsync();
    }
}
