using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.UserSupport.Traditional;

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
    public static ReturnView Of(Return asked, IEnumerable<ReturnStep> steps, ReturnLinks links) => new(
        asked.ReturnId, asked.Mode, asked.Status, asked.CaseId, asked.OrderId, asked.LineId, asked.Sku, asked.SerialNumber, asked.Reason,
        asked.Resolution, asked.ReplacementTiming, asked.ShipmentId, asked.Location, asked.CostCenter, asked.FiledAt, asked.CorrelationId,
        asked.CancellationReason, asked.CancellationRefusal, asked.UndoReason, asked.DueAt, steps.Select(StepView.Of).ToList(), links);
}

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
