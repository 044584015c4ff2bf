using EseErp.Contracts.Inventory;

namespace EseErp.Inventory.Stock;

/// <summary>
/// Stock of one model. Never below zero, and never more set aside than there is; a unit on hand that is not set aside goes
/// to whoever has waited longest.
/// </summary>
/// <remarks>
/// <see cref="Backordered"/> counts the requests that wait. It is kept here, under the lock of this row, so that a new
/// request knows whether there is a line to join without counting it.
/// </remarks>
public sealed class StockItem
{
    /// <summary>Most units of one model.</summary>
    public const int LargestStock = 1_000_000_000;

    public required string Sku { get; init; }

    /// <summary>Units in the warehouse, those set aside included.</summary>
    public int OnHand { get; private set; }

    /// <summary>Units set aside for a customer.</summary>
    public int Reserved { get; private set; }

    /// <summary>Requests that wait for a unit.</summary>
    public int Backordered { get; private set; }

    public int Available => OnHand - Reserved;

    /// <summary>How many of those who wait can be served now.</summary>
    public int Servable => Math.Min(Available, Backordered);

    /// <summary>Whether so many units more would still be a stock.</summary>
    public bool HasRoomFor(int quantity) => quantity > 0 && quantity <= LargestStock - OnHand;

    /// <summary>Sets a unit aside for a new request. False when there is none, or when others have waited longer.</summary>
    public bool TryReserve()
    {
        if (Available == 0 || Backordered > 0) return false;
        Reserved++;
        return true;
    }

    /// <summary>A request gets in line.</summary>
    public void JoinLine() => Backordered++;

    /// <summary>A request gives up its place in line.</summary>
    public void LeaveLine() => Backordered = Backordered > 0 ? Backordered - 1 : throw Broken("nobody waits");

    /// <summary>The first in line gets a unit.</summary>
    public void ReserveForFirstInLine()
    {
        if (Available == 0) throw Broken("no unit is available");
        LeaveLine();
        Reserved++;
    }

    /// <summary>A unit that was set aside is available again.</summary>
    public void Release() => Reserved = Reserved > 0 ? Reserved - 1 : throw Broken("no unit is set aside");

    /// <summary>A unit that was set aside leaves the warehouse.</summary>
    public void Ship()
    {
        Release();
        OnHand--;
    }

    /// <summary>A unit that had left is in the warehouse again. It has been counted before, so that there is always room for it.</summary>
    public void TakeBack() => OnHand++;

    /// <summary>New units are in.</summary>
    public void Replenish(int quantity) => OnHand = HasRoomFor(quantity) ? OnHand + quantity : throw Broken($"{quantity} units cannot be added");

    public StockItemView View() => new(Sku, OnHand, Reserved, Available, Backordered);

    // A caller that gets here has broken a rule; its transaction must not be committed.
    private InvalidOperationException Broken(string why) => new($"Stock of {Sku} (on hand {OnHand}, reserved {Reserved}, waiting {Backordered}): {why}.");
}
