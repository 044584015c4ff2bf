using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace EseErp.Contracts.UserSupport;

/// <summary>A customer sends one device back (<c>POST /returns</c>).</summary>
/// <param name="OrderId">The order it was sold on, such as <c>SO-2026-000001</c>.</param>
/// <param name="LineId">The line of that order.</param>
/// <param name="Sku">The model.</param>
/// <param name="SerialNumber">The unit.</param>
/// <param name="Reason">Why it comes back.</param>
/// <param name="Resolution">What the customer wants; a refund and a replacement if not given.</param>
/// <param name="ReplacementTiming">When the replacement leaves: on receipt of the item if not given.</param>
/// <param name="ShipmentId">The shipment that brought the device, if known.</param>
/// <param name="Location">Where the item is to be received; the main warehouse if not given.</param>
/// <param name="CostCenter">Who bears the cost; the returns cost center if not given.</param>
/// <param name="CaseId">Groups several units of one customer case; a case of its own if not given.</param>
/// <param name="Mode">How this return is coordinated; the running default (<c>GET /mode</c>) if not given.</param>
/// <param name="CallbackUrl">
/// Traditional modes: who is told each outcome of the return by a <c>POST</c> of it, at least once; it begins with an address that User
/// Support is configured to call. Nobody if not given.
/// </param>
public sealed record FileReturn(
    [property: Required, StringLength(40)] string OrderId,
    [property: Required, StringLength(40)] string LineId,
    [property: Required, StringLength(40)] string Sku,
    [property: Required, StringLength(60)] string SerialNumber,
    ReturnReason Reason,
    Resolution? Resolution = null,
    ReplacementTiming? ReplacementTiming = null,
    [property: StringLength(40), Trimmed] string? ShipmentId = null,
    [property: StringLength(40), Trimmed] string? Location = null,
    [property: StringLength(40), Trimmed] string? CostCenter = null,
    [property: StringLength(40), Trimmed] string? CaseId = null,
    CoordinationMode? Mode = null,
    [property: StringLength(500), Trimmed] string? CallbackUrl = null);

/// <summary>Several returns at once (<c>POST /returns/batch</c>).</summary>
public sealed record FileReturns([property: Required, Length(1, 1000)] IReadOnlyList<FileReturn> Returns);

/// <summary>The running default of how returns are coordinated.</summary>
public sealed record ModeSetting(CoordinationMode Mode);

/// <summary>What User Support knows of a return. In event mode that ends with having published the request.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReturnStatus>))]
public enum ReturnStatus
{
    /// <summary>Taken and handed on (event mode), or on its way through the teams (traditional mode).</summary>
    Requested,

    /// <summary>Traditional mode: all four teams have their document.</summary>
    Approved,

    /// <summary>Traditional mode: Sales rejected it.</summary>
    Declined,

    /// <summary>Traditional mode: a team could not be reached or gave no answer; resume it.</summary>
    Incomplete,

    /// <summary>Called off: by the customer, or in traditional mode because a team refused for good; what was done before was undone.</summary>
    Cancelled,

    /// <summary>Event mode: someone wants to call it off, and whoever has custody of the item has not answered yet.</summary>
    CancellationRequested,

    /// <summary>Traditional mode: all teams have their document, and a person at Sales has to decide on the refund.</summary>
    UnderReview,

    /// <summary>Traditional mode: the item did not come back in time, and what was done before was undone.</summary>
    Expired,
}

/// <summary>Where to go on reading.</summary>
public sealed record ReturnLinks(string Self, string Tracking, string Timeline, string? Resume = null);
