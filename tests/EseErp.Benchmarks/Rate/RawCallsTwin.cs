using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>
/// The raw twin of a return in traditional mode: the same calls in the same order to bare endpoints of the same process, each with one
/// transaction in one round trip at the team; the outcome of a call and the next one written in one transaction by whoever calls.
/// </summary>
/// <remarks>
/// What a call leaves at the team is taken from a return that the system handled: its idempotency key, its facts, its journal entries. Facts are
/// published and tracked as in the twin of event mode, one after the other for each return. Spared is what is spared there.
/// </remarks>
internal sealed class RawCallsTwin : IDisposable
{
    private const string UserSupport = "user-support", Steps = "return_steps", Saga = "traditional_returns";

    // The first call that follows what a person reports.
    private static readonly string[] s_reports = ["inventory.receipt", "manufacturing.diagnosis", "manufacturing.complete"];

    private readonly TwinPlan _plan;
    private readonly TwinWrites _writes;
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly ConcurrentDictionary<string, (TwinReturn Return, bool Tracked)> _underWay = [];
    private readonly List<List<int>> _drives = [];
    private readonly TwinText[] _answers;
    private int _number, _failures;

    public RawCallsTwin(TwinPlan plan, TwinWrites writes)
    {
        (_plan, _writes) = (plan, writes);
        _answers = [.. plan.Calls.Select(call => new TwinText(call.Answer, plan.Holes))];
        for (var place = 0; place < plan.Calls.Count; place++)
        {
            if (place == 0 || s_reports.Contains(plan.Calls[place].Step)) _drives.Add([]);
            _drives[^1].Add(place);
        }
    }

    public Uri? Address { get; set; }

    public void Dispose() => _client.Dispose();

    public async Task<IResult> File(RawTwinProcess.Request request)
    {
        // Half a life would be cheaper than a whole one: who measures has to hear of it.
        if (_failures > 0) return Results.StatusCode(StatusCodes.Status500InternalServerError);
        var number = Interlocked.Increment(ref _number);
        var r = new TwinReturn(number,
        [
            $"RMA-{number:D12}", request.SerialNumber, request.Sku, request.OrderId, Guid.CreateVersion7().ToString("n"),
            .. _plan.Events.Select(_ => Guid.CreateVersion7().ToString()),
        ]);
        _underWay[r.ReturnId] = (r, false);
        await _writes.Commit(
            "ese_user_support", _writes.Insert(r, "ese_user_support", "returns", 0, ("status", "Requested")), _writes.Insert(r, "ese_user_support", Saga, 0, ("reported", "{}")), _writes.Event(r, UserSupport, 1), Intent(r, 0));
        var told = Tell(r, UserSupport, [1], Task.CompletedTask);
        told = await Drive(r, 0, told);
        _ = Live(r, told);
        return Results.Created($"/returns/{r.ReturnId}", new
        {
            r.ReturnId, mode = "traditional", status = "Approved", documents = _drives[0].Select(place => JsonElement.Parse(_answers[place].Fill(r.Values))),
        });
    }

    /// <summary>A team's endpoint.</summary>
    public async Task<IResult> Answer(string team, string step, JsonElement body)
    {
        var r = _underWay[body.GetProperty("returnId").GetString()!].Return;
        var place = 0;
        while (_plan.Calls[place].Step != $"{team}.{step}") place++;
        var (call, database) = (_plan.Calls[place], TwinPlan.Publishers[team]);
        List<NpgsqlBatchCommand> statements = [.. Document(r, call, place), .. call.Versions.Select(version => _writes.Event(r, team, version)), _writes.Key(r, database, call.Step)];
        foreach (var entry in call.Entries) statements.AddRange(_writes.Entry(r, entry));
        await _writes.Commit(database, [.. statements]);
        return Results.Content(_answers[place].Fill(r.Values), "application/json");
    }

    private async Task Live(TwinReturn r, Task told)
    {
        try
        {
            for (var drive = 1; drive < _drives.Count; drive++)
            {
                await Task.Delay(_plan.Pace);
                await _writes.Commit("ese_user_support", _writes.Update(r, "ese_user_support", Saga, "reported", "advanced_at"), Intent(r, _drives[drive][0]));
                told = await Drive(r, drive, told);
            }

            await told;
            await _writes.Finish(r);
            _underWay.TryRemove(r.ReturnId, out _);
        }
        catch (Exception failure)
        {
            if (Interlocked.Increment(ref _failures) == 1) await Console.Error.WriteLineAsync($"Return {r.ReturnId} of the twin failed: {failure.Message}");
        }
    }

    // The calls of one drive; what they told is on its way when it ends.
    private async Task<Task> Drive(TwinReturn r, int drive, Task told)
    {
        var places = _drives[drive];
        foreach (var place in places)
        {
            var call = _plan.Calls[place];
            using (var answer = await _client.PostAsJsonAsync(new Uri(Address!, call.Step.Replace('.', '/')), new { returnId = r.ReturnId, r.Values }))
            {
                answer.EnsureSuccessStatusCode();
                await answer.Content.ReadAsStringAsync();
            }

            if (call.Versions.Count > 0) told = Tell(r, call.Team, [.. call.Versions], told);
            var done = _writes.UpdateRow(r, "ese_user_support", Steps, place, "number", "outcome", "status_code", "answer", "ended_at");
            if (place != places[^1]) await _writes.Commit("ese_user_support", done, _writes.Update(r, "ese_user_support", Saga, "advanced_at"), Intent(r, place + 1));
            else await _writes.Commit("ese_user_support", done, _writes.Update(r, "ese_user_support", "returns", "status"), _writes.Update(r, "ese_user_support", Saga, "advanced_at"), _writes.Event(r, UserSupport, drive + 2));
        }

        return Tell(r, UserSupport, [drive + 2], told, isLast: drive == _drives.Count - 1);
    }

    private NpgsqlBatchCommand Intent(TwinReturn r, int place) =>
        _writes.Insert(r, "ese_user_support", Steps, place, ("outcome", "Unknown"), ("answer", null), ("status_code", null), ("ended_at", null));

    // Published and tracked behind what was told before.
    private async Task Tell(TwinReturn r, string team, int[] versions, Task before, bool isLast = false)
    {
        await before;
        var applied = r.Published.ToDictionary();
        r.Published.Clear();
        await _writes.Publish(r, team, versions, applied);
        var first = !_underWay[r.ReturnId].Tracked;
        _underWay[r.ReturnId] = (r, true);
        await _writes.Track(r, team, versions, first ? null : isLast ? ["status", "closed_at"] : ["status"]);
    }

    private IEnumerable<NpgsqlBatchCommand> Document(TwinReturn r, TwinCall call, int place)
    {
        var database = TwinPlan.Publishers[call.Team];
        var (table, changed, read) = call.Team switch
        {
            "sales" => ("order_refund_requests", "state", TwinWrites.Statement("select * from orders where order_id = $1", TwinWrites.Text(r.Values[3]))),
            "inventory" => ("shipment_requests", "state", TwinWrites.Statement("select * from twin.stock_items where sku = $1 for update", TwinWrites.Text(r.Values[2]))),
            "manufacturing" => ("disassembly_orders", "state_since", TwinWrites.Statement("select * from bills_of_materials where sku = $1", TwinWrites.Text(r.Values[2]))),
            _ => ("asset_disposals", "booked", TwinWrites.Statement("select * from unit_costs where sku = $1", TwinWrites.Text(r.Values[2]))),
        };
        yield return read;
        yield return _drives[0].Contains(place) ? _writes.Insert(r, database, table) : _writes.Update(r, database, table, changed);
    }
}
