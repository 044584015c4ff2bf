using System.Text.Json;
using EseErp.Contracts;
using EseErp.Contracts.UserSupport;

namespace EseErp.UserSupport.Returns;

/// <summary>The answer to a return filed in event mode: it is taken, and the teams are at it.</summary>
public sealed record ReturnAccepted(string ReturnId, CoordinationMode Mode, ReturnStatus Status, ReturnLinks Links);

/// <summary>A return as User Support knows it. Where the teams stand is what Tracking shows.</summary>
/// <param name="CancellationReason">Why someone wants, or wanted, to call it off.</param>
/// <param name="CancellationRefusal">Why it could not be called off when that was last asked for.</param>
/// <param name="UndoReason">Traditional mode: why what was done is being undone, or was undone.</param>
/// <param name="DueAt">Traditional mode: until when the item is expected, UTC.</param>
/// <param name="Steps">Traditional mode: the calls made, in order.</param>
public sealed record ReturnView(
    string ReturnId,
    CoordinationMode Mode,
    ReturnStatus Status,
    string CaseId,
    string OrderId,
    string LineId,
    string Sku,
    string SerialNumber,
    ReturnReason Reason,
    Resolution Resolution,
    ReplacementTiming ReplacementTiming,
    string? ShipmentId,
    string Location,
    string CostCenter,
    DateTimeOffset FiledAt,
    string CorrelationId,
    string? CancellationReason,
    string? CancellationRefusal,
    string? UndoReason,
    DateTimeOffset? DueAt,
    IReadOnlyList<StepView> Steps,
    ReturnLinks Links)
{
    /// <param name="course">Null where User Support does not carry the return.</param>
    public static ReturnView Of(Return asked, ReturnCourse? course, ReturnLinks links) => new(
        asked.ReturnId, asked.Mode, asked.Status, asked.CaseId, asked.OrderId, asked.LineId, asked.Sku, asked.SerialNumber, asked.Reason,
        asked.Resolution, asked.ReplacementTiming, asked.ShipmentId, asked.Location, asked.CostCenter, asked.FiledAt, asked.CorrelationId,
        asked.CancellationReason, asked.CancellationRefusal, course?.UndoReason, course?.DueAt, course?.Steps ?? [], links);
}

/// <summary>The teams' documents, as each team last answered; null where it has none.</summary>
public sealed record TeamDocuments(JsonElement? Refund, JsonElement? Shipment, JsonElement? Disassembly, JsonElement? Disposal);

/// <summary>The answer to a return that User Support has carried through the teams.</summary>
public sealed record TraditionalAnswer(
    string ReturnId, CoordinationMode Mode, ReturnStatus Status, TeamDocuments Documents, IReadOnlyList<StepView> Steps, ReturnLinks Links);

/// <summary>The answer to a batch, in the order of the request.</summary>
public sealed record BatchAnswer(IReadOnlyList<BatchItem> Results);

/// <summary>What came of one return of a batch.</summary>
/// <param name="HttpStatus">The status it would have been answered with alone: 202, 201, 409, 502 or 504.</param>
/// <param name="Reasons">Why it was rejected; null otherwise.</param>
public sealed record BatchItem(
    string ReturnId, CoordinationMode Mode, ReturnStatus Status, int HttpStatus, IReadOnlyList<string>? Reasons, ReturnLinks Links);

/// <summary>
/// Where else to read about a return, as the client of this request reaches it: below the path of a trusted proxy, and Tracking at
/// <c>Ese:Links:Tracking</c> where clients do not reach it at its own address.
/// </summary>
public sealed class Links(IConfiguration configuration, IHttpContextAccessor http)
{
    private readonly string _tracking = (configuration["Ese:Links:Tracking"] ?? configuration["Ese:Teams:Tracking"] ?? "").TrimEnd('/');

    private string Prefix => http.HttpContext?.Request.PathBase.ToUriComponent() ?? "";

    public ReturnLinks Of(Return asked) => new(
        $"{Prefix}/returns/{asked.ReturnId}",
        $"{_tracking}/returns/{asked.ReturnId}",
        $"{_tracking}/returns/{asked.ReturnId}/timeline",
        asked.Status == ReturnStatus.Incomplete ? $"{Prefix}/returns/{asked.ReturnId}/resume" : null);
}
