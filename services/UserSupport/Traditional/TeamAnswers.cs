using System.Text.Json;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.UserSupport.Returns;

namespace EseErp.UserSupport.Traditional;

/// <summary>What the teams answered so far.</summary>
public sealed class TeamAnswers
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    // As they came: a step that was made again has its answer later than its number says.
    private readonly List<ReturnStep> _answered;
    private readonly Lazy<List<OrderRefundRequestView>> _refunds;
    private readonly Lazy<List<ShipmentRequestView>> _shipments;

    public TeamAnswers(IEnumerable<ReturnStep> steps)
    {
        _answered = [.. steps.Where(step => step.Outcome is StepOutcome.Done or StepOutcome.Undone).OrderBy(step => step.EndedAt).ThenBy(step => step.Number)];
        _refunds = new(() => Documents<OrderRefundRequestView>("sales"));
        _shipments = new(() => Documents<ShipmentRequestView>("inventory"));
    }

    /// <summary>Sales' document as it last was; null before it answered.</summary>
    public OrderRefundRequestView? Refund => _refunds.Value.LastOrDefault();

    /// <summary>Inventory's document as it last was; null before it answered.</summary>
    public ShipmentRequestView? Shipment => _shipments.Value.LastOrDefault();

    /// <summary>What Sales paid; null if it never did.</summary>
    public OrderRefundRequestView? Paid => _refunds.Value.LastOrDefault(refund => refund.State == OrderRefundState.Issued);

    /// <summary>Whether Sales agrees that the return continues.</summary>
    public bool SalesAgrees => Refund?.State is OrderRefundState.Authorized or OrderRefundState.Issued;

    /// <summary>Whether a person at Sales had to decide before the return could continue.</summary>
    public bool BeganUnderReview => _refunds.Value.FirstOrDefault()?.State == OrderRefundState.ManualReview;

    /// <summary>Whether a replacement left the warehouse, wherever it is now.</summary>
    public bool Shipped => _shipments.Value.Any(shipment =>
        shipment.State is ShipmentState.Shipped or ShipmentState.Delivered or ShipmentState.Recalled or ShipmentState.Returned);

    /// <summary>Whether another device came to the workbench than was announced.</summary>
    public bool AnotherDeviceCame => Of<DisassemblyOrderView>(TraditionalPlan.Arrival)?.State == DisassemblyState.Mismatch;

    /// <summary>Whether the team did it.</summary>
    public bool Has(string step) => _answered.Exists(answered => answered.Name == step);

    /// <summary>A team's document as it answered a step.</summary>
    public T? Of<T>(string step) where T : class =>
        _answered.FindLast(answered => answered.Name == step)?.Answer is { } answer ? Read<T>(answer) : null;

    /// <summary>Reads a team's document.</summary>
    public static T? Read<T>(string answer) where T : class => JsonSerializer.Deserialize<T>(answer, Json);

    private List<T> Documents<T>(string team) where T : class =>
        [.. _answered.Where(step => step.Team == team && step.Answer is not null).Select(step => Read<T>(step.Answer!)!)];
}
