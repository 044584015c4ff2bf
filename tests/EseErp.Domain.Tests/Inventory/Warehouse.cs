using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Inventory.Shipments;
using EseErp.Inventory.Stock;

namespace EseErp.Domain.Tests.Inventory;

/// <summary>
/// Inventory's rules at work without database: facts that overtake their request are remembered, a freed unit goes to whoever
/// has waited longest. Counts what came in and went out, so that a test can take stock.
/// </summary>
internal sealed class Warehouse(int units = 0)
{
    public static readonly TimeSpan ReturnPeriod = TimeSpan.FromDays(14);

    private readonly Dictionary<string, List<Action<ShipmentRequest>>> early = [];
    private DateTimeOffset now = new(2026, 11, 20, 9, 0, 0, TimeSpan.Zero);

    public StockItem Stock { get; } = Stocked(units);

    public int Delivered { get; private set; } = units;

    public List<ShipmentRequest> Requests { get; } = [];

    public List<object> Facts { get; } = [];

    public static StockItem Stocked(int units)
    {
        var item = new StockItem { Sku = "HP-210-BLK" };
        if (units > 0) item.Replenish(units);
        return item;
    }

    public ShipmentRequest this[string returnId] => Requests.Single(request => request.ReturnId == returnId);

    public void Open(
        string returnId, ReplacementTiming timing = ReplacementTiming.OnReceipt, Resolution resolution = Resolution.RefundAndReplace,
        CoordinationMode coordination = CoordinationMode.Event, bool refundUnderReview = false)
    {
        if (Requests.Any(known => known.ReturnId == returnId)) return;
        now = now.AddSeconds(1);
        var request = new ShipmentRequest
        {
            ReturnId = returnId,
            Sku = Stock.Sku,
            SerialNumber = "HP210-26K7-0000423",
            Resolution = resolution,
            ReplacementTiming = timing,
            Coordination = coordination,
            RefundUnderReview = refundUnderReview,
            RequestedAt = now,
        };
        Facts.AddRange(request.Begin(Stock, ReturnPeriod));
        Requests.Add(request);
        foreach (var fact in early.GetValueOrDefault(returnId, [])) fact(request);
        ServeWaiting();
    }

    public void Authorize(string returnId) => Note(returnId, request => Facts.AddRange(request.RefundAuthorized(Stock, now)));

    public void CallOff(string returnId) => Note(returnId, request => Facts.AddRange(request.CallOff("No longer wanted.", Stock)));

    public void RequestCancellation(string returnId) => Note(returnId, request => Facts.AddRange(request.RequestCancellation("No longer wanted.", Stock)));

    public void AcceptMismatch(string returnId) => Note(returnId, request => Facts.AddRange(request.AcceptMismatch(Stock, now)));

    public void AcceptSentBack(string returnId) => Note(returnId, request => Facts.AddRange(request.AcceptSentBack(Stock, now)));

    public void Diagnose(string returnId, Disposition disposition) => Note(returnId, request => Facts.AddRange(request.Diagnosed(disposition, Stock)));

    /// <summary>The dock knows only what was announced: an item nobody asked about is turned away.</summary>
    public void Receive(string returnId, string serialNumber = "HP210-26K7-0000423")
    {
        if (Requests.SingleOrDefault(known => known.ReturnId == returnId) is not { ReasonNotToReceive: null } request) return;
        Facts.AddRange(request.Receive(serialNumber, "as described", Stock, now));
    }

    /// <summary>What people report at Inventory; nothing happens where there is no request.</summary>
    public void Report(string returnId, Func<ShipmentRequest, IEnumerable<object>> what)
    {
        if (Requests.SingleOrDefault(known => known.ReturnId == returnId) is not { } request) return;
        Facts.AddRange(what(request));
        ServeWaiting();
    }

    public void Waive(string returnId) => Report(returnId, request => request.Waive("Not worth the postage.", Stock, now));

    public void Expire(string returnId) => Report(returnId, request => request.Expire(Stock, request.DueAt));

    public void Deliver(string returnId) => Report(returnId, request => request.Deliver());

    public void TakeBackReplacement(string returnId) => Report(returnId, request => request.TakeBackReplacement(Stock));

    public void Replenish(int quantity)
    {
        Stock.Replenish(quantity);
        Delivered += quantity;
        ServeWaiting();
    }

    private void Note(string returnId, Action<ShipmentRequest> fact)
    {
        if (Requests.SingleOrDefault(known => known.ReturnId == returnId) is not { } request)
        {
            if (!early.TryGetValue(returnId, out var remembered)) early[returnId] = remembered = [];
            remembered.Add(fact);
            return;
        }

        fact(request);
        ServeWaiting();
    }

    private void ServeWaiting()
    {
        foreach (var next in Requests.Where(request => request.State == ShipmentState.Backordered).Take(Stock.Servable).ToList())
            Facts.AddRange(next.Serve(Stock, now));
    }
}
