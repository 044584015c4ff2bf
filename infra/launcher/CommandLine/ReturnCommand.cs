using System.CommandLine;
using EseErp.Launcher.Api;
using EseErp.Launcher.Output;

namespace EseErp.Launcher.CommandLine;

/// <summary><c>./ese return</c>: files one return, as a user support agent would.</summary>
internal static class ReturnCommand
{
    private static readonly TimeSpan s_followLimit = TimeSpan.FromMinutes(10);

    public static Command Create()
    {
        var follow = new Option<bool>("--follow", "-f") { Description = "Show the timeline as it happens" };
        // Option name on the command line and its field in the request.
        var fields = new Dictionary<Option<string>, string>
        {
            [new("--order") { Description = "Order id; without it the next device that can be returned is picked" }] = "orderId",
            [new("--line") { Description = "Order line id" }] = "lineId",
            [new("--sku") { Description = "Product" }] = "sku",
            [new("--serial") { Description = "Serial number of the device" }] = "serialNumber",
            [new("--reason") { Description = "Defective (default), DamagedInTransit, WrongItem, NotAsDescribed, NoLongerWanted, WarrantyClaim" }] = "reason",
            [new("--resolution") { Description = "RefundAndReplace, Refund, Replace" }] = "resolution",
            [new("--timing") { Description = "Advance, OnReceipt" }] = "replacementTiming",
            [new("--mode") { Description = "event, traditional, traditional-async; without it the default mode" }] = "mode",
        };
        var command = new Command("return", "File a return") { follow };
        foreach (var option in fields.Keys)
            command.Options.Add(option);
        command.SetAction((parsed, cancellationToken) =>
        {
            var request = new Dictionary<string, string>();
            foreach (var (option, field) in fields)
            {
                if (parsed.GetValue(option) is { } value)
                    request[field] = value;
            }

            return RunAsync(request, parsed.GetValue(follow), cancellationToken);
        });
        return command;
    }

    /// <summary>Fills what is not given from a device that can be returned.</summary>
    public static async Task<Dictionary<string, string>> CompleteAsync(
        EseClient client, Dictionary<string, string> request, CancellationToken cancellationToken)
    {
        request.TryAdd("reason", "Defective");
        string[] unit = ["orderId", "lineId", "sku", "serialNumber"];
        var given = unit.Count(request.ContainsKey);
        if (given == unit.Length)
            return request;
        if (given > 0)
            throw new LauncherException("Give --order, --line, --sku and --serial together, or none of them; then a device is picked.");

        var pick = await DemoSeed.FirstReturnableAsync(client, cancellationToken)
            ?? throw new LauncherException("There is no device left to return; make more orders with ./ese seed.");
        request["orderId"] = pick.OrderId;
        request["lineId"] = pick.LineId;
        request["sku"] = pick.Sku;
        request["serialNumber"] = pick.SerialNumber;
        return request;
    }

    private static async Task<int> RunAsync(Dictionary<string, string> given, bool follow, CancellationToken cancellationToken)
    {
        using var client = EseClient.OfRunningSystem();
        var request = await CompleteAsync(client, given, cancellationToken);
        Screen.Line($"Filing a return of {request["sku"]}, serial {request["serialNumber"]}, order {request["orderId"]} line {request["lineId"]}…");
        var answer = await client.PostAsync("user-support", "returns", request, cancellationToken, TimeSpan.FromSeconds(90));
        ReturnView.Answer(answer);
        ReturnView.Document("The answer:", answer.Body);
        if (answer.Body.Text("returnId") is not { } returnId || !follow)
            return answer.Succeeded ? 0 : 1;

        var outcome = await new ReturnFollower(client).FollowAsync(returnId, s_followLimit, ReturnView.Entry, cancellationToken);
        Screen.Line($"{returnId}: {outcome.Status}{(outcome.RanOutOfTime ? "; nothing more happened for a while" : "")}");
        return answer.Succeeded ? 0 : 1;
    }
}
