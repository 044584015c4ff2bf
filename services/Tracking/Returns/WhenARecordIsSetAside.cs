using System.Text.RegularExpressions;
using EseErp.Contracts.DeadLetters;
using MassTransit;

namespace EseErp.Tracking.Returns;

/// <summary>Any team, Tracking as well: a record of a return could not be applied, and what became of it.</summary>
public sealed partial class WhenARecordIsSetAside(ReturnProjection projection) : IConsumer<DeadLetterOpened>, IConsumer<DeadLetterClosed>
{
    public Task Consume(ConsumeContext<DeadLetterOpened> context) => Apply(context, context.Message.Key);

    public Task Consume(ConsumeContext<DeadLetterClosed> context) => Apply(context, context.Message.Key);

    // Records of valuations and deliveries, and those of other programs, have other keys.
    private Task Apply<T>(ConsumeContext<T> context, string key) where T : class =>
        ReturnId().IsMatch(key) ? projection.Apply(context) : Task.CompletedTask;

    [GeneratedRegex(@"\ARMA-[0-9]{4}-[0-9]{6,}\z")]
    private static partial Regex ReturnId();
}
