using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace EseErp.Contracts.Manufacturing;

/// <summary>Asks Manufacturing to diagnose and take apart a device (<c>POST /disassembly-orders</c>).</summary>
public sealed record OpenDisassemblyOrder(
    [property: Required, StringLength(40), ReturnId] string ReturnId,
    [property: Required, StringLength(40)] string Sku,
    [property: Required, StringLength(60)] string SerialNumber);

/// <summary>Traditional mode: the item has reached the workbench.</summary>
public sealed record ItemArrived([property: Required, StringLength(60)] string SerialNumber);

/// <summary>The result of the inspection (<c>POST …/diagnosis</c>).</summary>
/// <param name="FaultCode">One of the model's fault codes, such as <c>BATTERY_SWOLLEN</c>, or <c>NO_FAULT_FOUND</c>.</param>
public sealed record RecordDiagnosis(
    [property: Required, StringLength(40), RegularExpression(@"\A[A-Z][A-Z0-9_]*\z")] string FaultCode,
    Disposition Disposition);

/// <summary>What was taken out of the device (<c>POST …/complete</c>): never more than the bill of materials lists.</summary>
/// <param name="LabourMinutes">Whole minutes at the workbench, 0 to 1,440.</param>
public sealed record CompleteDisassembly(
    [property: Required, Length(0, 200)] IReadOnlyList<RecoveredPart> Parts,
    [property: Range(0, 1440)] int LabourMinutes);

/// <summary>A part taken out of the device.</summary>
/// <param name="Quantity">1 to 1,000.</param>
public sealed record RecoveredPart(
    [property: Required, StringLength(40)] string PartSku,
    PartQuality Quality,
    [property: Range(1, 1000)] int Quantity = 1);

/// <summary>Whether a recovered part can be used again.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PartQuality>))]
public enum PartQuality
{
    Good,
    Scrap,
}

/// <summary>The state of a disassembly order.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DisassemblyState>))]
public enum DisassemblyState
{
    AwaitingItem,
    Received,
    Diagnosed,

    /// <summary>Taken apart. Final.</summary>
    Disassembled,

    /// <summary>Final.</summary>
    Cancelled,

    /// <summary>Another device arrived than the one announced.</summary>
    Mismatch,
}

/// <summary>Manufacturing's document for one return.</summary>
/// <param name="Sku">Model of the item; once Sales has accepted another device, the model of that device. The same holds for the serial number.</param>
/// <param name="Announced">The device that was announced, if another one is returned; null otherwise.</param>
public sealed record DisassemblyOrderView(
    string ReturnId,
    string Sku,
    string SerialNumber,
    DisassemblyState State,
    string? ReceivedSerialNumber,
    string? FaultCode,
    Disposition? Disposition,
    IReadOnlyList<RecoveredPartView> Parts,
    decimal RecoveredValue,
    decimal LabourCost,
    string Currency,
    DateTimeOffset RequestedAt,
    CoordinationMode Coordination,
    DeviceView? Announced = null);

/// <summary>A recovered part with its value from the bill of materials.</summary>
public sealed record RecoveredPartView(string PartSku, PartQuality Quality, int Quantity, decimal UnitCost);
