using EseErp.Contracts.Inventory;
using MassTransit;

namespace EseErp.Accounting.Disposals;

/// <summary>The replacement is back: its expense is taken back.</summary>
public sealed class WhenRecalledUnitReturned(DisposalDesk desk) : IConsumer<RecalledUnitReturned>
{
    public Task Consume(ConsumeContext<RecalledUnitReturned> context) =>
        desk.Note(context.Message.ReturnId, context.Message, context.CancellationToken);
}
