namespace EseErp.DemoData;

/// <summary>
/// One return for each rule, of orders that <see cref="DemoCatalogue.Returnable"/> leaves alone. Present in every demo,
/// at the same order numbers.
/// </summary>
public sealed class DemoExamples
{
    internal DemoExamples(DemoCatalogue catalogue)
    {
        DemoExample Example(string name, int order, string reason, string? rejection, string explanation, int line = 0) =>
            new(name, explanation, catalogue.ReturnOf(catalogue.Order(order), line, reason), rejection,
                ReplacementInStock: name is not (nameof(LastUnitTaken) or nameof(OutOfStock)));

        Happy = Example(nameof(Happy), OrderStories.Happy, "Defective", null,
            "Delivered two days ago, paid in EUR, replacement in stock: every team says yes.");
        NotDelivered = Example(nameof(NotDelivered), OrderStories.NotDelivered, "Defective", "NotDelivered",
            "The shipment is still under way.");
        OutsideWindowChangedMind = Example(nameof(OutsideWindowChangedMind), OrderStories.OutsideWindowChangedMind,
            "NoLongerWanted", "OutsideReturnWindow",
            "Delivered 45 days ago; a change of mind is accepted for 30. The same device is accepted as Defective.");
        OutsideWindowDefective = Example(nameof(OutsideWindowDefective), OrderStories.OutsideWindowDefective,
            "Defective", "OutsideReturnWindow",
            "Delivered 26 months ago; a defect is accepted for 24.");
        NothingPaid = Example(nameof(NothingPaid), OrderStories.NothingPaid, "Defective", "NothingPaid",
            "A free promotional item: there is nothing to refund.", line: 1);
        LastUnitInStock = Example(nameof(LastUnitInStock), OrderStories.LastUnitInStock, "Defective", null,
            "The replacement is the last unit in stock.");
        LastUnitTaken = Example(nameof(LastUnitTaken), OrderStories.LastUnitTaken, "Defective", null,
            "Same model as LastUnitInStock: whichever of the two comes second is backordered.");
        OutOfStock = Example(nameof(OutOfStock), OrderStories.OutOfStock, "DamagedInTransit", null,
            "The model is sold out: the refund is authorized, the replacement is backordered.");
        ReturnedTwice = Example(nameof(ReturnedTwice), OrderStories.ReturnedTwice, "WrongItem", null,
            "Accepted the first time; filed again, the second return is rejected with AlreadyReturned.");
        DefectiveWithinWarranty = Example(nameof(DefectiveWithinWarranty), OrderStories.DefectiveWithinWarranty,
            "WarrantyClaim", null,
            "Delivered 14 months ago: too late for a change of mind, within 24 months for a warranty claim.");
        HighValue = Example(nameof(HighValue), OrderStories.HighValue, "NotAsDescribed", null,
            "The dearest model at its full price, for the limit above which a person decides.");
        ForeignCurrency = Example(nameof(ForeignCurrency), OrderStories.ForeignCurrency, "NoLongerWanted", null,
            "Paid and refunded in CHF, while the cost center keeps its books in EUR.");

        SerialNotOnLine = Example(nameof(SerialNotOnLine), OrderStories.WrongDetails, "Defective", "SerialNotOnLine",
            "The serial number is that of the other device of the same order.");
        SerialNotOnLine = SerialNotOnLine with
        {
            Return = SerialNotOnLine.Return with
            {
                SerialNumber = catalogue.Order(OrderStories.WrongDetails).Lines[1].SerialNumber,
            },
        };
        LineUnknown = Example(nameof(LineUnknown), OrderStories.WrongDetails, "Defective", "LineUnknown",
            "The order has no line 9.");
        LineUnknown = LineUnknown with { Return = LineUnknown.Return with { LineId = "9" } };
        OrderUnknown = Example(nameof(OrderUnknown), OrderStories.WrongDetails, "Defective", "OrderUnknown",
            "There is no order of this number: all demo orders are of 2026.");
        OrderUnknown = OrderUnknown with { Return = OrderUnknown.Return with { OrderId = "SO-2025-000013" } };
    }

    public DemoExample Happy { get; }

    public DemoExample NotDelivered { get; }

    /// <summary>Delivered 45 days ago, reason <c>NoLongerWanted</c>.</summary>
    public DemoExample OutsideWindowChangedMind { get; }

    /// <summary>Delivered 26 months ago, reason <c>Defective</c>.</summary>
    public DemoExample OutsideWindowDefective { get; }

    /// <summary>Net price zero.</summary>
    public DemoExample NothingPaid { get; }

    /// <summary>The model's stock is exactly 1 unit.</summary>
    public DemoExample LastUnitInStock { get; }

    /// <summary>Same model as <see cref="LastUnitInStock"/>, to be filed after it.</summary>
    public DemoExample LastUnitTaken { get; }

    /// <summary>The model's stock is 0 units.</summary>
    public DemoExample OutOfStock { get; }

    /// <summary>To be filed twice; the second one is <c>AlreadyReturned</c>.</summary>
    public DemoExample ReturnedTwice { get; }

    /// <summary>Delivered 14 months ago, reason <c>WarrantyClaim</c>.</summary>
    public DemoExample DefectiveWithinWarranty { get; }

    /// <summary>Net price is the highest list price of the catalogue, in EUR.</summary>
    public DemoExample HighValue { get; }

    /// <summary>The order is in <c>CHF</c>.</summary>
    public DemoExample ForeignCurrency { get; }

    public DemoExample SerialNotOnLine { get; }

    public DemoExample LineUnknown { get; }

    public DemoExample OrderUnknown { get; }

    /// <summary>All of them, in the order in which to file them.</summary>
    public IReadOnlyList<DemoExample> All =>
    [
        Happy, NotDelivered, OutsideWindowChangedMind, OutsideWindowDefective, NothingPaid, LastUnitInStock, LastUnitTaken,
        OutOfStock, ReturnedTwice, DefectiveWithinWarranty, HighValue, ForeignCurrency, SerialNotOnLine, LineUnknown,
        OrderUnknown,
    ];
}
