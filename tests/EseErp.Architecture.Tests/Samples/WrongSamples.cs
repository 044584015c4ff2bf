// Deliberately wrong, so that each rule can be seen to fail.
using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using MassTransit;

#pragma warning disable CA1822, CA1852, CA1031, IDE0060 // Wrong on purpose.

namespace EseErp.UserSupport.Samples
{
    internal sealed class KnowsByField
    {
        internal static readonly Dictionary<string, List<OrderRefundRequestView>[]> Seen = [];
    }

    internal sealed class KnowsByLambda
    {
        public int Count(IEnumerable<object> facts) => facts.Count(fact => fact is ItemReceived);
    }

    internal sealed class KnowsByAsyncMethod
    {
        public async Task<string> Read(Task<object> fact) => ((ItemDiagnosed)await fact).FaultCode;
    }

    internal sealed class KnowsByGenericCall
    {
        public int Count(IEnumerable<object> facts) => facts.OfType<AssetDisposalOpened>().Count();
    }

    [KnownTypes(typeof(RefundIssued))]
    internal sealed class KnowsByAttribute;

    internal sealed class KnowsOnlyItsOwn
    {
        public CoordinationMode Mode { get; init; }
    }

    [AttributeUsage(AttributeTargets.Class)]
    internal sealed class KnownTypesAttribute(Type type) : Attribute
    {
        public Type Type { get; } = type;
    }
}

namespace EseErp.UserSupport.Traditional.Samples
{
    internal sealed class MayKnow
    {
        public RefundIssued? Refund { get; init; }
    }
}

namespace EseErp.Architecture.Tests.Samples
{
    internal sealed class LooselyAnchored
    {
        [System.ComponentModel.DataAnnotations.RegularExpression("^[A-Z]+$")]
        public string? Code { get; init; }

        [System.ComponentModel.DataAnnotations.RegularExpression(@"\A[^$]\$\z")]
        public string? Price { get; init; }
    }

    internal sealed class Unit
    {
        public Task SaveChangesAsync() => Task.CompletedTask;
    }

    internal sealed class CleanConsumer : IConsumer<RefundIssued>
    {
        public async Task Consume(ConsumeContext<RefundIssued> context)
        {
            foreach (var item in new[] { context.Message }.Where(_ => true)) await Task.FromResult(item);
        }
    }

    internal sealed class SavingConsumer(Unit unit) : IConsumer<RefundIssued>
    {
        public async Task Consume(ConsumeContext<RefundIssued> context) => await unit.SaveChangesAsync();
    }

    internal sealed class CatchingConsumer : IConsumer<RefundIssued>
    {
        public Task Consume(ConsumeContext<RefundIssued> context)
        {
            try
            {
                return context.Message.Amount < 0 ? throw new InvalidOperationException() : Task.CompletedTask;
            }
            catch (InvalidOperationException)
            {
                return Task.CompletedTask;
            }
        }
    }

    internal sealed class CatchingAsyncConsumer : IConsumer<RefundIssued>
    {
        public async Task Consume(ConsumeContext<RefundIssued> context)
        {
            try
            {
                await Task.Yield();
            }
            catch (Exception)
            {
                await Task.Yield();
            }
        }
    }

    internal sealed class Subscriptions
    {
        public Subscriptions IncludeTraditional() => this;
    }

    internal sealed class WatchingTeam
    {
        public static void Configure(Action<Action<Subscriptions>> add) => add(on => on.IncludeTraditional());
    }

    internal class Unsealed;

    internal abstract class Outer
    {
        internal class UnsealedInside;
    }
}

namespace EseErp.Contracts.Sales.Samples
{
    [EventType("ese.sales.open.v1")]
    internal record UnsealedFact(string ReturnId);

    [EventType("ese.inventory.foreign.v1")]
    public sealed record FactOfAnotherTeam(string ReturnId);

    [EventType("ese.samples.OrderOpened")]
    public sealed record BadlyNamedFact(string ReturnId);

    [EventType("ese.samples.nameless.v1")]
    public sealed record FactWithoutReturn(string OrderId);

    [EventType("ese.samples.changeable.v1")]
    public sealed record ChangeableFact(string ReturnId)
    {
        public string Note { get; set; } = "";
    }

    [EventType("ese.samples.twice.v1")]
    public sealed record FirstOfTwo(string ReturnId);

    [EventType("ese.samples.twice.v1")]
    public sealed record SecondOfTwo(string ReturnId);
}
