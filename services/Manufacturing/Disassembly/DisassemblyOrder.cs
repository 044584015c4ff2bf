using EseErp.Contracts;
using EseErp.Contracts.Manufacturing;
using EseErp.Manufacturing.BillsOfMaterials;

namespace EseErp.Manufacturing.Disassembly;

/// <summary>
/// Manufacturing's side of one return: its state and its rules. Every method answers with the facts that follow, none if
/// nothing does; it knows neither clock nor database.
/// </summary>
public sealed class DisassemblyOrder
{
    public required string ReturnId { get; init; }

    public required string Sku { get; init; }

    /// <summary>Of the unit that was announced.</summary>
    public required string SerialNumber { get; init; }

    /// <summary>ISO 4217, of the recovered value and the labour.</summary>
    public required string Currency { get; init; }

    public required CoordinationMode Coordination { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public DisassemblyState State { get; private set; }

    /// <summary>When the present state began.</summary>
    public DateTimeOffset StateSince { get; private set; }

    /// <summary>Read off the device; null until it is in. Kept also when the order was cancelled before.</summary>
    public string? ReceivedSerialNumber { get; private set; }

    /// <summary>A person at Sales has accepted that another device came than was announced.</summary>
    public bool MismatchAccepted { get; private set; }

    /// <summary>The device that was accepted; null if none was, or it was not told which.</summary>
    public string? AcceptedSerialNumber { get; private set; }

    /// <summary>Model of the other device that came and was accepted; null otherwise.</summary>
    public string? ReturnedSku { get; private set; }

    /// <summary>The model on the workbench: what can be wrong with it and what it is made of.</summary>
    public string ItemSku => ReturnedSku ?? Sku;

    public string? FaultCode { get; private set; }

    public Disposition? Disposition { get; private set; }

    public List<TakenPart> Parts { get; private set; } = [];

    public decimal RecoveredValue { get; private set; }

    public decimal LabourCost { get; private set; }

    /// <summary>Begins: the workbench will take the item apart once it is in.</summary>
    public IEnumerable<object> Begin()
    {
        StateSince = RequestedAt;
        yield return new DisassemblyOrderOpened(ReturnId, Sku);
    }

    /// <summary>The item has reached the workbench. It counts once; a cancelled order stays cancelled.</summary>
    /// <param name="serialNumber">Read off the device.</param>
    public IEnumerable<object> ItemReceived(string serialNumber, DateTimeOffset now)
    {
        if (ReceivedSerialNumber is not null) yield break;
        ReceivedSerialNumber = serialNumber;
        if (State != DisassemblyState.AwaitingItem) yield break;
        if (SerialNumbers.Same(serialNumber, SerialNumber) || MismatchAccepted)
        {
            Enter(DisassemblyState.Received, now);
        }
        else
        {
            Enter(DisassemblyState.Mismatch, now);
            yield return new ItemMismatch(ReturnId, SerialNumber, serialNumber);
        }
    }

    /// <summary>A person at Sales accepts the other device that came, or is about to: it is inspected as what it is.</summary>
    /// <param name="sku">Its model; null: as announced.</param>
    /// <param name="serialNumber">Its serial number; null: not told.</param>
    public IEnumerable<object> AcceptMismatch(DateTimeOffset now, string? sku = null, string? serialNumber = null)
    {
        MismatchAccepted = true;
        AcceptedSerialNumber ??= serialNumber;
        if (sku is not null && sku != Sku) ReturnedSku = sku;
        if (State == DisassemblyState.Mismatch) Enter(DisassemblyState.Received, now);
        return [];
    }

    /// <summary>Why this diagnosis cannot be recorded now; null when it can, or is the one on record.</summary>
    public string? ReasonNotToDiagnose(RecordDiagnosis diagnosis) => State switch
    {
        DisassemblyState.Received => null,
        DisassemblyState.Diagnosed or DisassemblyState.Disassembled => IsOnRecord(diagnosis)
            ? null
            : $"The item was diagnosed already: {FaultCode}, {Disposition}.",
        DisassemblyState.AwaitingItem => "The item is not at the workbench yet.",
        DisassemblyState.Mismatch => $"Another device came than was announced: {ReceivedSerialNumber} instead of {SerialNumber}.",
        _ => "The order is cancelled.",
    };

    /// <summary>The item was inspected. The diagnosis on record is not recorded twice.</summary>
    public IEnumerable<object> Diagnose(RecordDiagnosis diagnosis, DateTimeOffset now)
    {
        if (State != DisassemblyState.Received) yield break;
        (FaultCode, Disposition) = (diagnosis.FaultCode, diagnosis.Disposition);
        Enter(DisassemblyState.Diagnosed, now);
        yield return new ItemDiagnosed(ReturnId, diagnosis.FaultCode, diagnosis.Disposition);
    }

    /// <summary>Why the item cannot be taken apart now; null when it can.</summary>
    public string? ReasonNotToTakeApart => State switch
    {
        DisassemblyState.Diagnosed when TakesApart(Disposition) => null,
        DisassemblyState.Diagnosed => $"There is nothing to take apart: the item goes back, {Disposition}.",
        DisassemblyState.Disassembled => "The item was taken apart already.",
        DisassemblyState.AwaitingItem => "The item is not at the workbench yet.",
        DisassemblyState.Received => "The item has to be diagnosed first.",
        DisassemblyState.Mismatch => $"Another device came than was announced: {ReceivedSerialNumber} instead of {SerialNumber}.",
        _ => "The order is cancelled.",
    };

    /// <summary>The item was taken apart: the good parts have value, the work has cost.</summary>
    /// <param name="done">Its parts are as <see cref="PartsCheck"/> found them to be in order.</param>
    /// <param name="labourRate">Cost of one minute, in <see cref="Currency"/>.</param>
    public IEnumerable<object> TakeApart(CompleteDisassembly done, BillOfMaterials bill, decimal labourRate, DateTimeOffset now)
    {
        if (ReasonNotToTakeApart is not null) yield break;
        Parts = done.Parts.Select(part => new TakenPart
        {
            PartSku = part.PartSku,
            Quality = part.Quality,
            Quantity = part.Quantity,
            UnitCost = bill.Parts.Single(listed => listed.PartSku == part.PartSku).UnitCost,
        }).ToList();
        RecoveredValue = Rounded(Parts.Where(part => part.Quality == PartQuality.Good).Sum(part => part.Quantity * part.UnitCost));
        LabourCost = Rounded(done.LabourMinutes * labourRate);
        Enter(DisassemblyState.Disassembled, now);
        yield return new DisassemblyCompleted(ReturnId, RecoveredValue, LabourCost, Currency);
    }

    /// <summary>The return is refused, called off or overdue, or goes on without its item. What was inspected already is not undone.</summary>
    public IEnumerable<object> Cancel(string reason, DateTimeOffset now)
    {
        if (State is DisassemblyState.Diagnosed or DisassemblyState.Disassembled or DisassemblyState.Cancelled) yield break;
        Enter(DisassemblyState.Cancelled, now);
        yield return new DisassemblyOrderCancelled(ReturnId, reason);
    }

    private static bool TakesApart(Disposition? disposition) =>
        disposition is Contracts.Disposition.Scrap or Contracts.Disposition.Refurbish;

    private bool IsOnRecord(RecordDiagnosis diagnosis) => (FaultCode, Disposition) == (diagnosis.FaultCode, diagnosis.Disposition);

    private decimal Rounded(decimal amount) => MinorUnits.Round(amount, Currency);

    private void Enter(DisassemblyState state, DateTimeOffset now) => (State, StateSince) = (state, now);

    public DisassemblyOrderView View() => new(
        ReturnId, ItemSku, IsOther ? ReceivedSerialNumber! : SerialNumber, State, ReceivedSerialNumber, FaultCode, Disposition,
        Parts.Select(part => new RecoveredPartView(part.PartSku, part.Quality, part.Quantity, part.UnitCost)).ToList(),
        RecoveredValue, LabourCost, Currency, RequestedAt, Coordination, IsOther ? new DeviceView(Sku, SerialNumber) : null);

    private bool IsOther => MismatchAccepted && ReceivedSerialNumber is not null;
}

/// <summary>A part that was taken out, with its cost as the bill of materials said then.</summary>
public sealed class TakenPart
{
    public required string PartSku { get; init; }

    public required PartQuality Quality { get; init; }

    public required int Quantity { get; init; }

    public required decimal UnitCost { get; init; }
}
