using EseErp.DemoData;
using EseErp.Launcher;

namespace EseErp.Lab.Returns;

/// <summary>Sold devices of the demo data, in an order that follows from the seed. What can be returned is handed out once.</summary>
internal sealed class DevicePool
{
    // Above it a refund waits for a person at Sales (Sales:Refunds:ReviewAbove); nobody sits there in a run.
    private const decimal DearestRefund = 1000;

    // Most come back because they do not work.
    private static readonly string[] s_reasons =
    [
        "Defective", "Defective", "Defective", "NoLongerWanted", "NoLongerWanted", "DamagedInTransit", "WrongItem", "NotAsDescribed", "WarrantyClaim",
    ];

    private readonly Queue<DemoReturn> _returnable;
    private readonly DemoReturn[] _hopeless;
    private int _nextHopeless;

    /// <param name="firstOrder">Number of the first order to take devices from; those before it may have been used up.</param>
    public DevicePool(DemoCatalogue catalogue, int seed, int firstOrder = 1)
    {
        Catalogue = catalogue;
        var chance = new Random(seed);
        var orders = Enumerable.Range(firstOrder, catalogue.OrderCount - firstOrder + 1).Select(catalogue.Order).ToList();
        var returnable = orders.Where(order => order.Story == OrderStory.Ordinary).SelectMany(order => Lines(order, chance)).ToArray();
        chance.Shuffle(returnable);
        _returnable = new Queue<DemoReturn>(returnable);
        _hopeless = [.. orders.Select(Hopeless).OfType<DemoReturn>()];
        chance.Shuffle(_hopeless);
    }

    /// <summary>The orders whose devices come back.</summary>
    public DemoCatalogue Catalogue { get; }

    /// <summary>Returns that are left to be filed.</summary>
    public int Left => _returnable.Count;

    /// <summary>A device whose return is accepted, handed out to nobody else.</summary>
    public DemoReturn TakeReturnable() =>
        _returnable.TryDequeue(out var device) ? device : throw new LauncherException("There are not enough orders for so many returns.");

    /// <summary>A device whose return Sales has to decline, however often it is tried.</summary>
    public DemoReturn TakeHopeless() => _hopeless[_nextHopeless++ % _hopeless.Length];

    private IEnumerable<DemoReturn> Lines(DemoOrder order, Random chance)
    {
        for (var line = 0; line < order.Lines.Count; line++)
        {
            var reason = chance.GetItems(s_reasons, 1)[0];
            if (order.Lines[line].NetPrice < DearestRefund)
                yield return Catalogue.ReturnOf(order, line, reason);
        }
    }

    private DemoReturn? Hopeless(DemoOrder order) => order.Story switch
    {
        OrderStory.NotDelivered => Catalogue.ReturnOf(order, 0, "Defective"),
        OrderStory.OutsideWindowChangedMind => Catalogue.ReturnOf(order, 0, "NoLongerWanted"),
        OrderStory.OutsideWindowDefective => Catalogue.ReturnOf(order, 0, "Defective"),
        OrderStory.NothingPaid => Catalogue.ReturnOf(order, order.Lines.Count - 1, "Defective"),
        _ => null,
    };
}
