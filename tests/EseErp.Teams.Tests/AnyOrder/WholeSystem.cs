using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using EseErp.Accounting;
using EseErp.Inventory;
using EseErp.Manufacturing;
using EseErp.Sales;
using EseErp.Sales.Data;
using EseErp.Sales.Orders;
using EseErp.Sales.Refunds;
using EseErp.Tracking;
using EseErp.UserSupport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EseErp.Teams.Tests.AnyOrder;

/// <summary>One system for all tests that need the whole of it.</summary>
[CollectionDefinition(Name)]
public sealed class WholeSystemCollection : ICollectionFixture<WholeSystem>
{
    public const string Name = "whole system";
}

/// <summary>All services in this process, on real databases and a real broker, and what was ever answered by them.</summary>
public sealed class WholeSystem : IAsyncLifetime
{
    private static readonly TimeSpan QuietLimit = TimeSpan.FromMinutes(1);

    private readonly TestDatabases _databases = new();
    private readonly Dictionary<string, ServiceInProcess> _services = [];
    private readonly ConcurrentQueue<string> _calls = [];
    private int _numbers;

    internal IEnumerable<ServiceInProcess> Services => _services.Values;

    /// <summary>What was called since the last <see cref="Forget"/>, and what was answered.</summary>
    public IReadOnlyCollection<string> Calls => _calls;

    /// <summary>Answers of 500 and more: there is no call that may have one.</summary>
    public ConcurrentQueue<string> Broken { get; } = [];

    /// <summary>How often a call of a sequence was made, and how often it was not refused.</summary>
    public Dictionary<string, (int Done, int Made)> Tally { get; } = [];

    public async Task InitializeAsync()
    {
        await _databases.InitializeAsync();
        await Start("sales", typeof(SalesModule));
        await Start("inventory", typeof(InventoryModule));
        await Start("manufacturing", typeof(ManufacturingModule));
        await Start("accounting", typeof(AccountingModule));
        await Start("tracking", typeof(TrackingModule));
        await Start("user-support", typeof(UserSupportModule),
        [
            .. _services.Select(team => ($"Ese:Teams:{team.Key}", team.Value.Address)),
            // This is not about time: an answer may be slow on a busy machine, and nobody needs to wait for what goes on by itself.
            ("UserSupport:Traditional:AttemptTimeout", "00:00:30"), ("UserSupport:Traditional:Budget", "00:01:00"), ("UserSupport:Traditional:Lease", "00:01:10"),
            ("UserSupport:Traditional:LookAgainAfter", "00:00:00.100"), ("UserSupport:Traditional:SweepInterval", "00:00:00.100"),
            ("UserSupport:Traditional:ResumePause", "00:00:00.100"), ("UserSupport:Returns:CancellationWait", "00:00:01"),
        ]);
    }

    public async Task DisposeAsync()
    {
        foreach (var service in _services.Values.Reverse()) await service.DisposeAsync();
        await _databases.DisposeAsync();
    }

    internal ServiceInProcess Of(string team) => _services[team];

    /// <summary>A call as anybody can make it.</summary>
    public async Task<(int Status, JsonNode? Body)> Call(string team, string method, string address, object? body = null)
    {
        var answer = await Of(team).Send(method, address, body);
        var said = $"{team} {method} {address} {(body is null ? "" : System.Text.Json.JsonSerializer.Serialize(body))} → {answer.Status} {(answer.Status >= 400 ? answer.Body?["detail"] : "")}";
        _calls.Enqueue(said);
        if (answer.Status >= 500) Broken.Enqueue(said + answer.Body?.ToJsonString());
        return answer;
    }

    public void Forget()
    {
        _calls.Clear();
        Broken.Clear();
    }

    public void Note(string happened) => _calls.Enqueue(happened);

    public void Count(string call, int status)
    {
        lock (Tally)
        {
            var (done, made) = Tally.GetValueOrDefault(call);
            Tally[call] = (done + (status < 300 ? 1 : 0), made + 1);
        }
    }

    /// <summary>A number that nobody else in this process has.</summary>
    public int NextNumber() => Interlocked.Increment(ref _numbers);

    /// <summary>When Sales pays, from now on.</summary>
    public void Pays(RefundPolicy policy) => Of("sales").Services.GetRequiredService<IOptions<RefundOptions>>().Value.Policy = policy;

    /// <summary>Somebody buys a device, and has it.</summary>
    public async Task Sell(Subject device)
    {
        await using var scope = Of("sales").Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SalesDb>();
        db.Add(new Order
        {
            OrderId = device.OrderId,
            CustomerId = "C-1",
            Currency = "EUR",
            OrderedAt = DateTimeOffset.UtcNow.AddDays(-5),
            DeliveredAt = DateTimeOffset.UtcNow.AddDays(-1),
            ShipmentId = "SH-1",
            Lines = [new OrderLine { LineId = "1", Sku = device.Sku, SerialNumber = device.SerialNumber, ListPrice = device.Price, NetPrice = device.Price }],
        });
        await db.SaveChangesAsync();
    }

    /// <summary>Stock of a model that nobody has returned yet.</summary>
    public Task Stock(string sku, int units) =>
        Execute("inventory", $"insert into stock_items (sku, on_hand, reserved, backordered) values ('{sku}', {units}, 0, 0)");

    /// <summary>The days go by in which the item was to come back.</summary>
    public async Task Overdue(string returnId)
    {
        Note($"{returnId} is overdue");
        await Execute("inventory", $"update shipment_requests set due_at = now() - interval '1 second' where return_id = '{returnId}'");
        await Execute("user-support", $"update traditional_returns set due_at = now() - interval '1 second' where return_id = '{returnId}' and due_at is not null");
        await Of("inventory").Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<Inventory.Receipts.OverdueItems>().Single().ExpireDue(CancellationToken.None);
    }

    /// <summary>Waits until every event has reached everyone, and nobody works any more.</summary>
    public async Task Quiet()
    {
        long before = -1;
        await Eventually.Within(QuietLimit, async () =>
        {
            var (written, unread) = (0L, 0L);
            foreach (var service in Services)
            {
                // Who has not published yet is asked first: what it publishes meanwhile is unread then.
                written += await Scalar(service.Team, "select coalesce(max(position), 0) from ese.event_log");
                unread += await Scalar(service.Team, "select count(*) from ese.event_log e where position > coalesce((select min(position) from ese.relay_position), 0)")
                    * (service.Team == "tracking" ? 0 : 1);
                if (service.Team == "user-support") unread += await Scalar(service.Team, "select count(*) from traditional_returns where driven_until is not null");
            }

            foreach (var service in Services)
                unread += (await service.Get("/consumers"))!.AsArray().Sum(position => (long?)position!["lag"] ?? 0);
            (var last, before) = (before, written);
            return (written, unread, Same: last == written);
        }, read => read is { unread: 0, Same: true }, "nothing is being worked on any more");
    }

    /// <summary>One number out of a team's database.</summary>
    public async Task<long> Scalar(string team, string sql)
    {
        await using var connection = new NpgsqlConnection(_databases.Database(DatabaseOf(team)));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private async Task Execute(string team, string sql)
    {
        await using var connection = new NpgsqlConnection(_databases.Database(DatabaseOf(team)));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task Start(string team, Type service, params (string Key, string Value)[] settings) => _services[team] = await ServiceInProcess.Start(team, service,
    [
        ("ConnectionStrings:Database", _databases.Database(DatabaseOf(team))), ("ConnectionStrings:Broker", _databases.Broker(DatabaseOf(team))),
        ("Logging:LogLevel:Default", "Warning"), .. settings,
    ]);

    private static string DatabaseOf(string team) => $"ese_{team.Replace('-', '_')}";
}
