using System.Text.Json.Serialization;

namespace EseErp.Contracts;

/// <summary>How a return is coordinated.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<CoordinationMode>))]
public enum CoordinationMode
{
    /// <summary>Choreography: User Support publishes one <c>RefundRequest</c>; every team reacts by itself.</summary>
    Event,

    /// <summary>Orchestration: User Support calls every team and drives the process; no team reacts to an event. The caller waits for the outcome.</summary>
    Traditional,

    /// <summary>
    /// Like <see cref="Traditional"/>, but the caller is answered at once, and User Support calls the teams in the background.
    /// The teams see no difference.
    /// </summary>
    [JsonStringEnumMemberName("traditional-async")]
    TraditionalAsync,
}

/// <summary>Why the device came back.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReturnReason>))]
public enum ReturnReason
{
    Defective,
    DamagedInTransit,
    WrongItem,
    NotAsDescribed,
    NoLongerWanted,
    WarrantyClaim,
}

/// <summary>What the customer wants.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Resolution>))]
public enum Resolution
{
    /// <summary>Money back and a new device; the default.</summary>
    RefundAndReplace,
    Refund,
    Replace,
}

/// <summary>When the replacement leaves the warehouse.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReplacementTiming>))]
public enum ReplacementTiming
{
    /// <summary>When the returned item has arrived; the default.</summary>
    OnReceipt,

    /// <summary>As soon as the refund is authorized, before the item is back.</summary>
    Advance,
}

/// <summary>What happens to the returned item, decided at inspection.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Disposition>))]
public enum Disposition
{
    Scrap,
    Refurbish,
    ReturnToStock,
    ReturnToCustomer,
}

/// <summary>One device: a serial number is unique within its model, so both together name it.</summary>
public sealed record DeviceView(string Sku, string SerialNumber);

/// <summary>Why Sales refuses a refund. A request can be refused for several reasons at once.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RejectionReason>))]
public enum RejectionReason
{
    OrderUnknown,
    LineUnknown,

    /// <summary>The line is of another model or another serial number, and the device is no replacement that was shipped for it.</summary>
    SerialNotOnLine,
    NotDelivered,

    /// <summary>
    /// More than 30 days since delivery; 24 months for a defect or a warranty claim, and for a replacement unless it is no longer wanted.
    /// </summary>
    OutsideReturnWindow,

    /// <summary>A live or completed return exists for the same serial number.</summary>
    AlreadyReturned,

    /// <summary>Nothing was paid for the line, or the money was given back.</summary>
    NothingPaid,

    /// <summary>The named shipment does not belong to the order.</summary>
    ShipmentNotOfOrder,

    /// <summary>A person declined it.</summary>
    DeclinedOnReview,
}

/// <summary>An enum that reads and writes as <c>camelCase</c> text, never as a number.</summary>
public sealed class CamelCaseEnumConverter<T>() : JsonStringEnumConverter<T>(System.Text.Json.JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;

/// <summary>The value an event carries for a mode.</summary>
public static class CoordinationModeText
{
    /// <summary>Who coordinates, in the words of an event: <c>event</c> or <c>traditional</c>.</summary>
    public static string Wire(this CoordinationMode mode) => mode == CoordinationMode.Event ? "event" : "traditional";

    /// <summary>In the words of requests and answers: <c>event</c>, <c>traditional</c> or <c>traditional-async</c>.</summary>
    public static string Text(this CoordinationMode mode) => mode == CoordinationMode.TraditionalAsync ? "traditional-async" : mode.Wire();

    /// <summary>Whether User Support drives a return, with or without a waiting caller.</summary>
    public static bool IsTraditional(this CoordinationMode mode) => mode != CoordinationMode.Event;
}
