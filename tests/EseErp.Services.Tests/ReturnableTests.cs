using System.Net.Http.Json;
using System.Text.Json;
using EseErp.Services.Tests.Running;

namespace EseErp.Services.Tests;

/// <summary>What a newcomer is offered to return has to go all the way.</summary>
[Collection(SystemCollection.Name)]
public sealed class ReturnableTests(RunningSystem system)
{
    [Fact]
    public async Task Should_offer_only_devices_whose_replacement_can_be_shipped()
    {
        var offered = (await system.Client("sales").GetFromJsonAsync<JsonElement>("/demo-data/returnable?take=1000")).GetProperty("items");
        var models = offered.EnumerateArray().Select(item => item.GetProperty("sku").GetString()!).Distinct().ToList();

        models.Count.ShouldBeGreaterThan(30);
        foreach (var model in models)
            (await system.Client("inventory").GetFromJsonAsync<JsonElement>($"/stock/{model}")).GetProperty("available").GetInt32()
                .ShouldBeGreaterThan(0, model);
    }
}
