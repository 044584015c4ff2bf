using System.Text.Json;
using System.Text.Json.Nodes;
using EseErp.Accounting;
using EseErp.Accounting.Costs;
using EseErp.Accounting.Data;
using EseErp.Accounting.Disposals;
using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Inventory;
using EseErp.Inventory.Receipts;
using EseErp.Inventory.Shipments;
using EseErp.Manufacturing;
using EseErp.Manufacturing.Disassembly;
using EseErp.Sales;
using EseErp.Sales.Data;
using EseErp.Sales.Orders;
using EseErp.Sales.Refunds;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Teams.Tests.Running;

/// <summary>The four teams that User Support asks, each with its endpoints.</summary>
public sealed class FourTeams : IAsyncLifetime
{
    public const string Sku = "HP-210-BLK";

    private readonly Dictionary<string, TeamInProcess> _teams = [];

    public async Task InitializeAsync()
    {
        await Start("sales", builder => builder.AddSales(), app => app.MapOrderRefundRequests());
        await Start("inventory", builder => builder.AddInventory(), app =>
        {
            app.MapShipmentRequests();
            app.MapReceipts();
        });
        await Start("manufacturing", builder => builder.AddManufacturing(), app => app.MapDisassemblyOrders());
        await Start("accounting", builder => builder.AddAccounting(), app => app.MapAssetDisposals());
        await Of("inventory").Work(services => services.GetRequiredService<ShipmentRows>().OpenStock([Sku], CancellationToken.None));
        await Of("accounting").Work(services =>
        {
            services.GetRequiredService<AccountingDb>().Add(new UnitCost { Sku = Sku, LandedCost = 120.50m, Currency = "EUR" });
            return Task.CompletedTask;
        });
    }

    public async Task DisposeAsync()
    {
        foreach (var team in _teams.Values) await team.DisposeAsync();
    }

    internal TeamInProcess Of(string team) => _teams[team];

    /// <summary>The id of a return whose device was sold and delivered.</summary>
    public async Task<string> NewReturn()
    {
        var (id, sales) = (TeamInProcess.NewReturn(), Of("sales"));
        await sales.Work(services =>
        {
            services.GetRequiredService<SalesDb>().Add(new Order
            {
                OrderId = OrderOf(id),
                CustomerId = "C-000001",
                Currency = "EUR",
                OrderedAt = sales.Clock.GetUtcNow().AddDays(-5),
                DeliveredAt = sales.Clock.GetUtcNow().AddDays(-1),
                ShipmentId = "SH-1",
                Lines = [new OrderLine { LineId = "1", Sku = Sku, SerialNumber = SerialOf(id), ListPrice = 50, NetPrice = 47.40m }],
            });
            return Task.CompletedTask;
        });
        return id;
    }

    public static string OrderOf(string id) => $"SO-{id[4..]}";

    public static string SerialOf(string id) => $"HP210-{id[4..]}";

    /// <summary>What User Support asks a team for.</summary>
    public static JsonNode Opening(string team, string id, Resolution resolution = Resolution.RefundAndReplace, ReplacementTiming timing = ReplacementTiming.OnReceipt) => team switch
    {
        "sales" => Json(new OpenOrderRefundRequest(id, OrderOf(id), "1", Sku, SerialOf(id), ReturnReason.Defective, resolution, ShipmentId: "SH-1")),
        "inventory" => Json(new OpenShipmentRequest(id, Sku, SerialOf(id), resolution, timing, Location: "WH-1")),
        "manufacturing" => Json(new OpenDisassemblyOrder(id, Sku, SerialOf(id))),
        _ => Json(new OpenAssetDisposal(id, Sku, SerialOf(id), "CC-1")),
    };

    public static JsonNode Json<T>(T body) => JsonSerializer.SerializeToNode(body, JsonSerializerOptions.Web)!;

    /// <summary>As the team's consumer of <c>RefundRequest</c> does.</summary>
    public Task OpenByEvent(string team, string id) => Of(team).Work(async services =>
    {
        var asked = Opening(team, id);
        switch (team)
        {
            case "sales":
                await services.GetRequiredService<RefundDesk>().Open(Read<OpenOrderRefundRequest>(asked), CoordinationMode.Event, CancellationToken.None);
                break;
            case "inventory":
                await services.GetRequiredService<ShipmentRows>().Load([id], [Sku], CancellationToken.None);
                await services.GetRequiredService<ShipmentDesk>().Open(Read<OpenShipmentRequest>(asked), CoordinationMode.Event, CancellationToken.None);
                break;
            case "manufacturing":
                await services.GetRequiredService<DisassemblyDesk>().Open(Read<OpenDisassemblyOrder>(asked), CoordinationMode.Event, CancellationToken.None);
                break;
            default:
                await services.GetRequiredService<DisposalDesk>().Open(Read<OpenAssetDisposal>(asked), CoordinationMode.Event, CancellationToken.None);
                break;
        }
    });

    /// <summary>As the team's other consumers do.</summary>
    public Task Note(string team, string id, object fact) => Of(team).Work(async services =>
    {
        switch (team)
        {
            case "sales": await services.GetRequiredService<RefundDesk>().Note(id, fact, CancellationToken.None); break;
            case "inventory":
                await services.GetRequiredService<ShipmentRows>().Load([id], [], CancellationToken.None);
                await services.GetRequiredService<ShipmentDesk>().Note(id, fact, CancellationToken.None);
                break;
            case "manufacturing": await services.GetRequiredService<DisassemblyDesk>().Note(id, fact, CancellationToken.None); break;
            default: await services.GetRequiredService<DisposalDesk>().Note(id, fact, CancellationToken.None); break;
        }
    });

    private async Task Start(string team, Action<WebApplicationBuilder> add, Action<WebApplication> map)
    {
        _teams[team] = await TeamInProcess.Start(team, add);
        await _teams[team].Listen(map);
    }

    private static T Read<T>(JsonNode asked) => JsonSerializer.Deserialize<T>(asked, JsonSerializerOptions.Web)!;
}
