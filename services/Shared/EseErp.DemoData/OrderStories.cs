namespace EseErp.DemoData;

/// <summary>Which order tells which story, by its number alone.</summary>
internal static class OrderStories
{
    // The examples come first, so that the smallest demo has them all and their numbers are easy to remember.
    public const int Happy = 1;
    public const int NotDelivered = 2;
    public const int OutsideWindowChangedMind = 3;
    public const int OutsideWindowDefective = 4;
    public const int NothingPaid = 5;
    public const int LastUnitInStock = 6;
    public const int LastUnitTaken = 7;
    public const int OutOfStock = 8;
    public const int ReturnedTwice = 9;
    public const int DefectiveWithinWarranty = 10;
    public const int HighValue = 11;
    public const int ForeignCurrency = 12;
    public const int WrongDetails = 13;

    public static OrderStory Of(int order) => order switch
    {
        Happy => OrderStory.Happy,
        NotDelivered => OrderStory.NotDelivered,
        OutsideWindowChangedMind => OrderStory.OutsideWindowChangedMind,
        OutsideWindowDefective => OrderStory.OutsideWindowDefective,
        NothingPaid => OrderStory.NothingPaid,
        LastUnitInStock or LastUnitTaken => OrderStory.LastUnitInStock,
        OutOfStock => OrderStory.OutOfStock,
        ReturnedTwice => OrderStory.ReturnedTwice,
        DefectiveWithinWarranty => OrderStory.DefectiveWithinWarranty,
        HighValue => OrderStory.HighValue,
        ForeignCurrency => OrderStory.ForeignCurrency,
        WrongDetails => OrderStory.WrongDetails,
        _ => Later(order),
    };

    // Six of fifty later orders break a rule or meet a scarce model; the rest can be returned.
    private static OrderStory Later(int order) => (order % 50) switch
    {
        7 => OrderStory.NotDelivered,
        14 => OrderStory.OutsideWindowChangedMind,
        23 => OrderStory.OutsideWindowDefective,
        31 => OrderStory.NothingPaid,
        38 => OrderStory.LastUnitInStock,
        46 => OrderStory.OutOfStock,
        _ => OrderStory.Ordinary,
    };
}
