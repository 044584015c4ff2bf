using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using EseErp.Services.Tests.Api;
using EseErp.Services.Tests.Faults;
using EseErp.Services.Tests.Running;
using Xunit.Abstractions;

namespace EseErp.Services.Tests;

/// <summary>Whatever is sent to whichever endpoint: a reason comes back, nothing breaks and nothing is written.</summary>
[Collection(SystemCollection.Name)]
public sealed class BadInputTests(RunningSystem system, ITestOutputHelper output)
{
    public static TheoryData<string> Teams => RunningSystem.Teams;

    [Theory]
    [MemberData(nameof(Teams))]
    public async Task Should_refuse_bad_input_by_name_and_write_nothing(string team)
    {
        var errors = await ErrorWatch.Start(system);
        var before = await system.Ledger.Quiet();
        await Check(Probes(team).Where(probe => probe.MustBeRefused).ToList());
        Ledger.Changes(before, await system.Ledger.Quiet()).ShouldBeEmpty();
        (await errors.Since()).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Teams))]
    public async Task Should_bear_odd_input(string team)
    {
        var errors = await ErrorWatch.Start(system);
        // Faults that are accepted would strike the other probes.
        await Check(Probes(team).Where(probe => !probe.MustBeRefused && probe.Operation is not { Method: "PUT", Path: "/faults" }).ToList());
        // What was accepted reaches everyone: no consumer stumbles over it.
        await system.Ledger.Quiet();
        (await errors.Since()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Should_refuse_two_idempotency_keys()
    {
        var operation = system.Document("user-support").Operation("POST", "/returns");
        var body = operation.Example!.ToJsonString();
        var address = system.Client("user-support").BaseAddress!;
        var before = await system.Ledger.Quiet();

        using var connection = new TcpClient();
        await connection.ConnectAsync(address.Host, address.Port);
        await connection.GetStream().WriteAsync(Encoding.UTF8.GetBytes(
            $"POST /returns HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nIdempotency-Key: one\r\nIdempotency-Key: two\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"));
        using var reader = new StreamReader(connection.GetStream());
        var answer = await reader.ReadToEndAsync();
        answer.ShouldStartWith("HTTP/1.1 400 ");
        answer.ShouldContain("\"Idempotency-Key\":");
        Ledger.Changes(before, await system.Ledger.Quiet()).ShouldBeEmpty();
    }

    private IEnumerable<Probe> Probes(string team) =>
        system.Operations(team).SelectMany(operation => RequestFaults.Of(operation, system.Document(team)));

    private async Task Check(List<Probe> probes)
    {
        var faults = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(probes, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (probe, _) =>
        {
            try
            {
                using var answer = await system.Send(probe.Operation, probe.Request());
                if (await Verdict.Of(probe, answer) is { } fault) faults.Add($"{probe}: {fault}");
            }
            catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
            {
                faults.Add($"{probe}: no answer, {failure.Message}");
            }
        });
        output.WriteLine($"{probes.Count} requests to {probes.Select(probe => probe.Operation).Distinct().Count()} operations");
        faults.Order().ShouldBeEmpty();
    }
}
