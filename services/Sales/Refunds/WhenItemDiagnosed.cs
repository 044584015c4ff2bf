using EseErp.Contracts.Manufacturing;
using MassTransit;

namespace EseErp.Sales.Refunds;

/// <summary>Under the policy <see cref="RefundPolicy.OnDiagnosed"/> the inspection releases the money.</summary>
public sealed class WhenItemDiagnosed(RefundDesk desk) : IConsumer<ItemDiagnosed>
{
    public Task Consume(ConsumeContext<ItemDiagnosed> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
