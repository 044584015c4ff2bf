using System.Net.Http.Json;
using EseErp.DemoData;
using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>Files returns over HTTP and sees in Tracking's database when they are settled: all four teams have answered.</summary>
internal sealed class Load(SystemUnderTest system) : IDisposable
{
    private const int PerRequest = 250;
    private const int Clients = 4;
    private const int TraditionalClients = 16;
    private const int MostResumptions = 20;

    private static readonly TimeSpan MostOften = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MostSeldom = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 256 }) { Timeout = TimeSpan.FromMinutes(2) };
    private int _resumed;

    /// <summary>From the first request to the last return settled; returns are filed through <c>POST /returns/batch</c>.</summary>
    public Task<Spent> EventMode(int returns, CancellationToken cancellationToken) =>
        Settle(returns, devices => FileInBatches(devices, cancellationToken), cancellationToken);

    /// <summary>The same in traditional mode, by clients that each wait for their answer.</summary>
    public Task<Spent> TraditionalMode(int returns, CancellationToken cancellationToken) =>
        Settle(returns, devices => FileOneByOne(devices, "traditional", cancellationToken), cancellationToken);

    /// <summary>How often a return in traditional mode had to be gone on with by hand.</summary>
    public int Resumed => _resumed;

    /// <summary>Files one return; the answer's status.</summary>
    public async Task<(int Status, string? ReturnId)> File(DemoReturn device, string mode, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(Body(device, mode));
        using var answer = await _client.PostAsync(new Uri(system.AddressOf("user-support"), "returns"), content, cancellationToken);
        using var body = await answer.Content.ReadFromJsonAsync<System.Text.Json.JsonDocument>(cancellationToken);
        return ((int)answer.StatusCode, body!.RootElement.TryGetProperty("returnId", out var id) ? id.GetString() : null);
    }

    public void Dispose() => _client.Dispose();

    public static object Body(DemoReturn device, string mode) => new
    {
        device.OrderId,
        device.LineId,
        device.Sku,
        device.SerialNumber,
        device.Reason,
        device.ShipmentId,
        device.Location,
        device.CostCenter,
        mode,
    };

    private async Task<Spent> Settle(int returns, Func<IReadOnlyList<DemoReturn>, Task> file, CancellationToken cancellationToken)
    {
        var devices = system.NextDevices(returns);
        await system.Checkpoint();
        await using var connection = await system.Connect("ese_tracking", cancellationToken);
        var before = await Settled(connection, "", cancellationToken);
        await using var last = new NpgsqlCommand("select coalesce(max(return_id), '') from returns", connection);
        var after = (string)(await last.ExecuteScalarAsync(cancellationToken))!;

        var meter = await Meter.Start(system);
        var filing = file(devices);
        for (var (most, since) = (0L, TimeSpan.Zero); ;)
        {
            var settled = await Settled(connection, after, cancellationToken);
            if (settled >= returns) break;
            if (settled > most) (most, since) = (settled, meter.Elapsed);
            if (meter.Elapsed - since > Patience) throw new InvalidOperationException($"{settled} of {returns} returns are settled, and no more for {Patience.TotalMinutes:0} minutes.");
            if (filing.IsFaulted) await filing;
            // Each look reads the whole round: seldom at first, often when the end is near.
            var left = settled == 0 ? MostSeldom : meter.Elapsed * ((double)(returns - settled) / settled) / 2;
            await Task.Delay(left < MostOften ? MostOften : left > MostSeldom ? MostSeldom : left, cancellationToken);
        }

        var spent = await meter.Stop(system);
        await filing;
        if (await Settled(connection, "", cancellationToken) != before + returns) throw new InvalidOperationException("Other returns were settled than those filed.");
        return spent;
    }

    private static async Task<long> Settled(NpgsqlConnection connection, string after, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select count(settled_at) from returns where return_id > $1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = after });
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private Task FileInBatches(IReadOnlyList<DemoReturn> devices, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        devices.Chunk(PerRequest), new ParallelOptions { MaxDegreeOfParallelism = Clients, CancellationToken = cancellationToken },
        async (chunk, token) =>
        {
            using var content = JsonContent.Create(new { returns = chunk.Select(device => Body(device, "event")) });
            using var answer = await _client.PostAsync(new Uri(system.AddressOf("user-support"), "returns/batch"), content, token);
            if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"A batch was answered {answer.StatusCode}: {await answer.Content.ReadAsStringAsync(token)}");
        });

    private Task FileOneByOne(IReadOnlyList<DemoReturn> devices, string mode, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        devices, new ParallelOptions { MaxDegreeOfParallelism = TraditionalClients, CancellationToken = cancellationToken },
        async (device, token) =>
        {
            var (status, id) = await File(device, mode, token);
            // A team did not answer in time: the return waits to be gone on with, which is part of this mode's price.
            for (var attempt = 1; status is 502 or 504 && attempt <= MostResumptions; attempt++)
            {
                Interlocked.Increment(ref _resumed);
                using var nothing = new ByteArrayContent([]) { Headers = { ContentType = new("application/json") } };
                using var resumed = await _client.PostAsync(new Uri(system.AddressOf("user-support"), $"returns/{id}/resume"), nothing, token);
                status = (int)resumed.StatusCode;
            }

            if (status is < 200 or > 299) throw new InvalidOperationException($"Return {id} was answered {status}.");
        });
}
