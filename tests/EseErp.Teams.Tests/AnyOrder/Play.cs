using System.Text.Json.Nodes;
using EseErp.Sales.Refunds;

namespace EseErp.Teams.Tests.AnyOrder;

/// <summary>One call of a sequence. Numbers, so that any sequence can be played and made shorter.</summary>
/// <param name="Call">Which call, by weight.</param>
/// <param name="Subject">Which return of those filed so far.</param>
/// <param name="Variant">What is sent.</param>
/// <param name="AtOnce">Whether the next call is made while this one is.</param>
/// <param name="Settles">Whether the teams hear of everything before the next call.</param>
public readonly record struct Step(int Call, int Subject, int Variant, bool AtOnce, bool Settles);

/// <summary>A sequence of calls, and what the people decide who bring everything to an end after it.</summary>
public sealed record Sequence(int Policy, int Decisions, IReadOnlyList<Step> Steps)
{
    public override string ToString() => $"policy {Policy}, decisions {Decisions}, {string.Join(" ", Steps.Select(step => $"{step.Call}/{step.Subject}/{step.Variant}{(step.AtOnce ? "+" : step.Settles ? "." : "")}"))}";
}

/// <summary>Plays a sequence of public calls.</summary>
public sealed class Play
{
    // Beside the calls: time goes by.
    private const int OverdueWeight = 6;

    private static readonly PublicCall?[] ByWeight =
        [.. PublicCalls.All.SelectMany(call => Enumerable.Repeat(call, call.Weight)), .. Enumerable.Repeat<PublicCall?>(null, OverdueWeight)];

    private static readonly RefundPolicy[] Policies = Enum.GetValues<RefundPolicy>();

    private readonly WholeSystem _system;
    private readonly string _sku;
    private readonly List<Subject> _filed = [];
    private readonly Subject _unknown;

    private Play(WholeSystem system)
    {
        _system = system;
        var number = system.NextNumber();
        _sku = $"RADIO-{number}";
        _unknown = new Subject($"RMA-2025-{number:000000}", $"SO-UNKNOWN-{number}", _sku, $"UNKNOWN-{number}", 47.40m, IsFiled: false);
    }

    public static int Calls => ByWeight.Length;

    /// <summary>What was filed, and the id that was not.</summary>
    public IEnumerable<Subject> Subjects => [.. _filed, _unknown];

    public static async Task<Play> Through(WholeSystem system, Sequence sequence)
    {
        system.Forget();
        system.Pays(Policies[sequence.Policy % Policies.Length]);
        var play = new Play(system);
        await play.Begin();
        var running = new List<Task>();
        foreach (var step in sequence.Steps)
        {
            running.Add(play.Make(step));
            // What is filed has to be known to the next call.
            if (step.AtOnce && !IsFiling(step)) continue;
            await Task.WhenAll(running);
            running.Clear();
            if (step.Settles) await system.Quiet();
        }

        await Task.WhenAll(running);
        await system.Quiet();
        return play;
    }

    private static bool IsFiling(Step step) => ByWeight[step.Call % ByWeight.Length]?.Name is PublicCalls.File or PublicCalls.FileBatch;

    private async Task Begin()
    {
        await _system.Stock(_sku, 1);
        await _system.Sell(_unknown);
        foreach (var call in PublicCalls.All.Where(call => call is { Method: "POST", Team: "manufacturing" or "accounting" } && call.Route.StartsWith("/registry/", StringComparison.Ordinal)))
            await _system.Call(call.Team, call.Method, call.Route, call.BodyFor(_unknown, 0));
        await File(0);
    }

    private async Task Make(Step step)
    {
        var call = ByWeight[step.Call % ByWeight.Length];
        // Now and then nobody's return.
        var subject = step.Subject % 8 == 7 ? _unknown : _filed[step.Subject % _filed.Count];
        switch (call)
        {
            case null: await _system.Overdue(subject.ReturnId); break;
            case { Name: PublicCalls.File }: await File(step.Variant); break;
            case { Name: PublicCalls.FileBatch }: await FileBatch(step.Variant); break;
            default:
                // Whoever is faster than the event takes the number: that is a conflict, which is a dead letter (ReturnIdentityTests).
                if (call.IsOpening) await _system.Quiet();
                // Two devices may be in each other's box.
                var sender = subject with { SwappedSerialNumber = _filed[step.Variant / 4 % _filed.Count].SerialNumber };
                var (status, _) = await _system.Call(call.Team, call.Method, call.AddressFor(subject), call.BodyFor(sender, step.Variant));
                _system.Count(call.Name, status);
                break;
        }
    }

    private async Task File(int variant)
    {
        var (device, asked) = await Asked(variant);
        var (_, answer) = await _system.Call("user-support", "POST", "/returns", asked);
        Take(device, answer);
    }

    private async Task FileBatch(int variant)
    {
        var (first, second) = (await Asked(variant), await Asked(variant + 1));
        var (_, answer) = await _system.Call("user-support", "POST", "/returns/batch", new { returns = new[] { first.Asked, second.Asked } });
        Take(first.Device, answer?["results"]?[0]);
        Take(second.Device, answer?["results"]?[1]);
    }

    private void Take(Subject device, JsonNode? answer)
    {
        if ((string?)answer?["returnId"] is { } returnId) _filed.Add(device with { ReturnId = returnId, Mode = (string)answer["mode"]! });
    }

    private async Task<(Subject Device, object Asked)> Asked(int variant)
    {
        var number = _system.NextNumber();
        var device = new Subject("", $"SO-{number}", _sku, $"HP210-{number}", variant % 5 == 4 ? 1_500m : 47.40m,
            variant % 7 == 6 ? "Refund" : variant % 7 == 5 ? "Replace" : "RefundAndReplace", variant % 3 == 2 ? "Advance" : "OnReceipt");
        // Somebody files the same device again, or one that nobody has bought.
        if (variant % 11 == 10 && _filed.Count > 0) device = _filed[variant % _filed.Count] with { ReturnId = "" };
        else if (variant % 13 != 12) await _system.Sell(device);
        var mode = variant % 4 == 3 ? null : variant % 2 == 0 ? "traditional" : "event";
        return (device, new
        {
            orderId = device.OrderId, lineId = "1", sku = device.Sku, serialNumber = device.SerialNumber, reason = variant % 6 == 5 ? "NoLongerWanted" : "Defective",
            resolution = device.Resolution, replacementTiming = device.Timing, mode,
        });
    }
}
