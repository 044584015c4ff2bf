namespace EseErp.Contracts.UserSupport;

/// <summary>
/// A return that nobody files, of a device that nobody sold: services rehearse with it before they are ready. All of
/// it is rolled back. None of its rows exists, so no lock on them blocks anybody.
/// </summary>
public static class RehearsedReturn
{
    public const string OrderId = "SO-REHEARSAL";
    public const string LineId = "1";
    public const string Sku = "REHEARSAL";
    public const string SerialNumber = "REHEARSAL-1";
    public const string Location = "REHEARSAL";
    public const string CostCenter = "REHEARSAL";

    /// <summary>The request as every team gets it in event mode.</summary>
    public static RefundRequest Request { get; } = new(
        ReturnIds.Rehearsed, ReturnIds.Rehearsed, CustomerId: null, new OrderReference(OrderId, LineId), new ModelReference(Sku), Shipment: null,
        new DefectiveItemReference(SerialNumber), new LocationReference(Location), new CostReference(CostCenter, "EUR"), ReturnReason.Defective,
        Resolution.RefundAndReplace, ReplacementTiming.OnReceipt);

    /// <summary>The request as a customer files it.</summary>
    public static FileReturn Filed(CoordinationMode mode) => new(OrderId, LineId, Sku, SerialNumber, ReturnReason.Defective, Mode: mode);
}
