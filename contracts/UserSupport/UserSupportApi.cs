using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace EseErp.Contracts.UserSupport;

/// <summary>A customer sends one device back (<c>POST /returns</c>).</summary>
/// <param name="OrderId">The order it was sold on, such as <c>SO-2026-000001</c>.</param>
/// <param name="LineId">The line of that order.</param>
/// <param name="Sku">The model.</param>
/// <param name="SerialNumber">The device.</param>
/// <param name="Reason">Why it comes back.</param>
/// <param name="Resolution">What the customer wants; default: a refund and a replacement.</param>
/// <param name="ReplacementTiming">When the replacement leaves; default: on receipt of the item.</param>
/// <param name="ShipmentId">The shipment that brought the device, if known.</param>
/// <param name="Location">Where the item arrives; default: the main warehouse.</param>
/// <param name="CostCenter">Who bears the cost; default: the returns cost center.</param>
/// <param name="CaseId">Groups several devices of one customer case; default: a case of its own.</param>
/// <param name="Mode">How this return is coordinated; default: the default mode (<c>GET /mode</c>).</param>
/// <param name="CallbackUrl">
/// Traditional modes: each outcome of the return is posted to this address, at least once. It must begin with an address that User
/// Support may call by configuration. Default: none.
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

/// <summary>The default coordination mode.</summary>
public sealed record ModeSetting(CoordinationMode Mode);

/// <summary>What User Support knows about a return. In event mode it knows no more than that it published the request.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReturnStatus>))]
public enum ReturnStatus
{
    /// <summary>Accepted and published (event mode), or on its way through the teams (traditional mode).</summary>
    Requested,

    /// <summary>Traditional mode: all four teams have their document.</summary>
    Approved,

    /// <summary>Traditional mode: Sales rejected it.</summary>
    Declined,

    /// <summary>Traditional mode: a team could not be reached or did not answer. It resumes automatically; <c>resume</c> does it at once.</summary>
    Incomplete,

    /// <summary>Called off: by the customer, or in traditional mode because a team refused for good. What was done before was undone.</summary>
    Cancelled,

    /// <summary>Event mode: someone wants to call it off, and the team that has the item has not answered yet.</summary>
    CancellationRequested,

    /// <summary>Traditional mode: all teams have their document, and a person at Sales must decide on the refund.</summary>
    UnderReview,

    /// <summary>Traditional mode: the item did not come back in time, and what was done before was undone.</summary>
    Expired,
}

/// <summary>Where to read more.</summary>
public sealed record ReturnLinks(string Self, string Tracking, string Timeline, string? Resume = null);
