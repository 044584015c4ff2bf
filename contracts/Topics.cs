namespace EseErp.Contracts;

/// <summary>
/// One topic per publishing team. The message key is the return id (of a valuation's events the valuation id, of deliveries the model), so the facts of
/// one return keep their order within a topic; across topics there is no order.
/// </summary>
public static class Topics
{
    public const string UserSupport = "ese.user-support.returns";
    public const string Sales = "ese.sales.refunds";

    /// <summary>Commands to Sales' valuations, for Sales alone. The message key is the valuation id.</summary>
    public const string ValuationCommands = "ese.sales.valuation-commands";

    /// <summary>
    /// Answers to <c>ReturnCancellationRequested</c>, for User Support, which need not know which team has the item.
    /// </summary>
    public const string CancellationAnswers = "ese.user-support.cancellation-answers";

    public const string Inventory = "ese.inventory.shipments";
    public const string Manufacturing = "ese.manufacturing.disassembly";
    public const string Accounting = "ese.accounting.disposals";

    /// <summary>What Tracking says of its own dead letters; it has nothing else to say.</summary>
    public const string Tracking = "ese.tracking.dead-letters";

    /// <summary>The topics of returns, in the order the process usually meets them.</summary>
    public static IReadOnlyList<string> All { get; } = [UserSupport, Sales, Inventory, Manufacturing, Accounting];
}
