using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.UserSupport;
using EseErp.Tracking.Returns;
using EseErp.Tracking.Timeline;
using MassTransit;
using static EseErp.Domain.Tests.Tracking.Story;

namespace EseErp.Domain.Tests.Tracking;

public sealed class SummaryTests
{
    // Tracking tells of returns; a valuation is none.
    private static IEnumerable<Type> OfReturns => EventContracts.All.Values.Except(EventContracts.Upcasters.Keys)
        .Where(contract => contract.GetProperty("ReturnId") is not null || contract.GetProperty("Key") is not null);

    [Fact]
    public void Should_say_in_plain_English_what_happened()
    {
        Summaries.Of(Authorized).ShouldBe("Sales authorized a refund of 116.91 EUR");
        Summaries.Of(Requested()).ShouldBe("User Support took a request for a refund and a replacement: LAP-14, serial number SN-1, defective");
        Summaries.Of(Rejected).ShouldBe("Sales rejected the refund: it is too late to return it");
        Summaries.Of(Declined).ShouldBe("Sales rejected the refund: a person looked at it and declined: It was another model.");
        Summaries.Of(Upheld).ShouldBe("Sales let the customer keep the money: Goodwill.");
        Summaries.Of(new TeamsCalled(ReturnId, [new("sales.refund-request", "Done", 201, null, Start, 12.5m), new("inventory.shipment-request", "NotReached", null, "Away.", Start, 1)]))
            .ShouldBe("User Support called sales.refund-request (Done 201, 12.5 ms); inventory.shipment-request (NotReached, 1 ms)");
        Summaries.Of(Called(Enumerable.Repeat("sales.item-received", 100).ToArray())).ShouldEndWith("; and 92 more");
        Summaries.Of(SetAside(7)).ShouldBe("Accounting could not apply ese.sales.refund-issued.v1 and set it aside: it failed again and again");
        Summaries.Of(SetAside(7, "Behind") with { Team = "user-support", EventType = null }).ShouldBe("User Support set a record aside behind an earlier one");
        Summaries.Of(SetAside(7, again: true)).ShouldBe("Accounting still cannot apply ese.sales.refund-issued.v1: it failed again and again");
        Summaries.Of(SetAside(7, "Conflict")).ShouldEndWith("it contradicts what is on record there");
        Summaries.Of(Redriven(7)).ShouldBe("Accounting applied what it had set aside");
        Summaries.Of(Discarded(7)).ShouldBe("Erika Mustermann discarded what Accounting had set aside: Booked by hand.");
        Summaries.Of(Discarded(7, by: null)).ShouldBe("Accounting discarded what it had set aside: Booked by hand.");
        Summaries.Of(Expected).ShouldBe("Inventory expects the item until 4 December 2026");
        Summaries.Of(new AssetDisposalPosted(ReturnId, -3.5m, 10, "EUR")).ShouldBe("Accounting posted the disposal with a gain of 3.50 EUR");
        Summaries.Of(new AssetDisposalPosted(ReturnId, 4, 10, "JPY")).ShouldContain(" 4 JPY");
    }

    [Fact]
    public void Should_consume_every_published_event_of_a_return()
    {
        var consumed = typeof(ReturnProjection).Assembly.GetTypes()
            .SelectMany(type => type.GetInterfaces())
            .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IConsumer<>))
            .Select(type => type.GetGenericArguments()[0]);

        OfReturns.Except(consumed).ShouldBeEmpty();
    }

    [Fact]
    public void Should_have_a_summary_for_every_published_event_of_a_return()
    {
        foreach (var contract in OfReturns) Summaries.Of(Any(contract)).ShouldNotBeNullOrWhiteSpace();
    }

    private static object Any(Type type)
    {
        if (type == typeof(string)) return "text";
        if (type.IsAssignableFrom(typeof(TeamCallMade[]))) return new[] { (TeamCallMade)Any(typeof(TeamCallMade)) };
        if (type.IsAssignableFrom(typeof(RejectionReason[]))) return new[] { RejectionReason.OrderUnknown };
        if (type.IsValueType) return Activator.CreateInstance(type)!;
        var constructor = type.GetConstructors().MaxBy(candidate => candidate.GetParameters().Length)!;
        return constructor.Invoke(constructor.GetParameters().Select(parameter => Any(parameter.ParameterType)).ToArray());
    }
}
