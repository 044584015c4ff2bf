using System.Globalization;
using System.Text.Json.Nodes;

namespace EseErp.Teams.Tests.AnyOrder;

/// <summary>What must be true of every return when people have done what is left to do.</summary>
public static class Ends
{
    /// <summary>What is wrong; empty when everything is as it must be.</summary>
    public static async Task<IReadOnlyList<string>> Faults(WholeSystem system, IEnumerable<Subject> subjects)
    {
        var faults = new List<string>(system.Broken);
        foreach (var service in system.Services)
            faults.AddRange((await service.Get("/dead-letters"))!["items"]!.AsArray().Select(letter => $"dead letter at {service.Team}: {letter!["key"]} {letter["reason"]} {letter["error"]}"));
        if ((bool?)(await system.Of("accounting").Get("/trial-balance"))!["balanced"] != true) faults.Add("the books do not balance");
        var all = subjects.ToList();
        foreach (var subject in all)
        {
            var documents = await Documents.Of(system, subject);
            var found = documents.Open().ToList();
            if (subject.IsFiled)
            {
                found.AddRange(AtUserSupport(documents));
                found.AddRange(AtTracking(documents));
                found.AddRange(await AtTheBooks(system, subject, documents));
            }

            found.AddRange(await Once(system, subject));
            faults.AddRange(found.Select(fault => $"{subject.ReturnId}: {fault}\n    {documents}"));
        }

        faults.AddRange(await InStock(system, all));
        return faults;
    }

    private static IEnumerable<string> AtUserSupport(Documents documents)
    {
        if ((string?)documents.Asked?["status"] is not ("Requested" or "Approved" or "Declined" or "Cancelled" or "Expired"))
            yield return $"User Support is not at an end: {documents.Asked?["status"]}";
    }

    private static IEnumerable<string> AtTracking(Documents documents)
    {
        if (!documents.IsClosed) yield return "Tracking does not call it closed";
        var facets = documents.Tracked?["facets"];
        foreach (var (facet, state) in new[]
                 {
                     ("refund", documents.RefundState), ("replacement", documents.ShipmentState), ("item", documents.ReceiptState),
                     ("disassembly", documents.DisassemblyState), ("disposal", documents.DisposalState),
                 })
        {
            // A team that was not asked says nothing.
            if (state is not null && (string?)facets?[facet]?["state"] != state) yield return $"Tracking says {facet} {facets?[facet]?["state"]}, the team {state}";
        }
    }

    /// <summary>Accounting has booked what the teams did, and nothing else.</summary>
    private static async Task<IEnumerable<string>> AtTheBooks(WholeSystem system, Subject subject, Documents documents)
    {
        // Who opens a disposal himself, for a return that never got to Accounting, can have it say anything.
        var isAsked = subject.Mode == "event" || documents.Asked!["steps"]!.AsArray().Any(step => (string?)step!["step"] == "accounting.asset-disposal");
        if (documents.Disposal is null || !isAsked) return [];
        var balances = new Dictionary<string, decimal>();
        foreach (var line in (await system.Of("accounting").Get($"/journal?returnId={subject.ReturnId}&limit=200"))!["items"]!.AsArray().SelectMany(entry => entry!["lines"]!.AsArray()))
        {
            var account = (string)line!["account"]!;
            balances[account] = balances.GetValueOrDefault(account) + (decimal)line["debit"]! - (decimal)line["credit"]!;
        }

        var cost = (decimal)documents.Disposal["provisionalCost"]!;
        var refunded = documents.RefundState == "Issued" ? (decimal)documents.Refund!["amount"]! : 0;
        var replaced = documents.ShipmentState is "Shipped" or "Delivered" ? cost : 0;
        return new[]
        {
            Differs("Sales Returns", refunded), Differs("Customer Refunds Payable", -refunded), Differs("Warranty Expense", replaced),
            // Of the returned item nothing is left on the way: it is in parts, on the shelf, or with the customer.
            documents.DisposalState == "Reversed" && documents.DisassemblyState == "Disassembled" ? null : Differs("Returned Goods", 0),
        }.OfType<string>();

        string? Differs(string account, decimal due) => balances.GetValueOrDefault(account) == due
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"the books have {balances.GetValueOrDefault(account)} on {account}, the teams say {due}");
    }

    private static async Task<IEnumerable<string>> Once(WholeSystem system, Subject subject)
    {
        var faults = new List<string>();
        foreach (var (team, fact) in new[] { ("sales", "ese.sales.refund-issued"), ("inventory", "ese.inventory.replacement-shipped"), ("inventory", "ese.inventory.item-restocked") })
        {
            var times = await system.Scalar(team, $"select count(*) from ese.event_log where stream_id = '{subject.ReturnId}' and type like '{fact}.%'");
            if (times > 1) faults.Add($"{fact} happened {times} times");
        }

        return faults;
    }

    private static async Task<IEnumerable<string>> InStock(WholeSystem system, List<Subject> subjects)
    {
        var stock = await system.Of("inventory").Get($"/stock/{subjects[0].Sku}");
        return new[] { "reserved", "backordered" }.Where(count => (int)stock![count]! != 0).Select(count => $"stock of {subjects[0].Sku}: {count} {(JsonNode)stock![count]!}");
    }
}
