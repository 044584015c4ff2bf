using System.Text.Json.Nodes;
using EseErp.Services.Tests.Api;
using EseErp.Services.Tests.Running;
using Xunit.Abstractions;

namespace EseErp.Services.Tests;

/// <summary>Lists are paged by cursor: every item once, whatever is added meanwhile. Filters leave what they say.</summary>
[Collection(SystemCollection.Name)]
public sealed class ListTests(RunningSystem system, ITestOutputHelper output)
{
    private static readonly string[] Identities = ["entryId", "sequence", "eventId", "cursor", "id", "returnId", "orderId", "sku"];

    public static TheoryData<string> Teams => RunningSystem.Teams;

    [Theory]
    [MemberData(nameof(Teams))]
    public async Task Should_walk_every_item_once_while_items_are_added(string team)
    {
        await system.Ledger.Quiet();
        foreach (var list in system.Operations(team).Where(operation => operation.IsList))
        {
            var present = await Walk(list, 500);
            var walked = await Walk(list, Math.Max(2, (present.Count / 8) + 1), betweenPages: () => system.Returns.File("event"));
            var ids = walked.Select(Identity).ToList();
            ids.ShouldBeUnique(list.ToString());
            ids.Intersect(present.Select(Identity)).ShouldBe(present.Select(Identity), list.ToString());
            output.WriteLine($"{list}: {present.Count} items, then {walked.Count}");
        }
    }

    [Theory]
    [MemberData(nameof(Teams))]
    public async Task Should_split_a_list_by_each_choice_of_a_filter(string team)
    {
        await system.Ledger.Quiet();
        foreach (var list in system.Operations(team).Where(operation => operation.IsList))
        {
            foreach (var filter in list.QueryParameters.Where(parameter => parameter.Schema.Enum.Count > 0))
            {
                var all = (await Walk(list, 500)).Select(Identity).Order().ToList();
                var parts = new List<string>();
                var filled = 0;
                foreach (var choice in filter.Schema.Enum)
                {
                    var part = await Walk(list, 500, $"&{filter.Name}={choice}");
                    foreach (var item in part.Where(item => item[filter.Name] is not null)) ((string?)item[filter.Name]).ShouldBe(choice, $"{list} by {filter.Name}");
                    parts.AddRange(part.Select(Identity));
                    if (part.Count > 0) filled++;
                }

                parts.Order().SequenceEqual(all).ShouldBeTrue($"{list} by {filter.Name}: {string.Join(", ", all.Except(parts))} in no part");
                filled.ShouldBeGreaterThan(1, $"{list} by {filter.Name} has too little to filter");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Teams))]
    public async Task Should_leave_what_has_the_value_that_is_asked_for(string team)
    {
        await system.Ledger.Quiet();
        foreach (var list in system.Operations(team).Where(operation => operation.IsList))
        {
            foreach (var filter in list.QueryParameters.Where(parameter => parameter.Schema.Enum.Count == 0 && parameter.Name is not ("after" or "limit")))
            {
                var all = await Walk(list, 500);
                foreach (var wanted in all.Select(item => (string?)item[filter.Name]).OfType<string>().Distinct().Take(3).ToList())
                {
                    var found = await Walk(list, 500, $"&{filter.Name}={Uri.EscapeDataString(wanted)}");
                    found.Select(Identity).ShouldBe(all.Where(item => (string?)item[filter.Name] == wanted).Select(Identity), $"{list} by {filter.Name}={wanted}");
                    found.ShouldNotBeEmpty();
                }

                (await Walk(list, 500, $"&{filter.Name}=nobody-has-this")).ShouldBeEmpty($"{list} by {filter.Name}");
            }
        }
    }

    private async Task<List<JsonObject>> Walk(Operation list, int limit, string filter = "", Func<Task>? betweenPages = null)
    {
        var items = new List<JsonObject>();
        string? after = null;
        do
        {
            var page = await system.Get(list.Team, list.Address($"?limit={limit}{filter}{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}"));
            var read = page["items"]!.AsArray();
            read.Count.ShouldBeLessThanOrEqualTo(limit);
            items.AddRange(read.Select(item => item!.AsObject()));
            after = (string?)page["next"];
            if (after is not null) read.Count.ShouldBe(limit, $"{list}: a page that is not the last is full");
            if (after is not null && betweenPages is not null) await betweenPages();
        }
        while (after is not null && items.Count < 20_000);
        return items;
    }

    private static string Identity(JsonObject item) => Identities.Select(name => item[name]).OfType<JsonNode>().FirstOrDefault()?.ToString() ?? item.ToJsonString();
}
