using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.UserSupport.EventMode;
using EseErp.UserSupport.Returns;
using EseErp.UserSupport.Traditional;

namespace EseErp.Domain.Tests.UserSupport;

/// <summary>In event mode User Support asks whether a return may be called off, and takes the answer.</summary>
public sealed class CancellationTests
{
    private readonly Return _asked = Drive.Filed(CoordinationMode.Event, Resolution.Refund);

    [Fact]
    public void Should_ask_once_and_cancel_once()
    {
        _asked.AskToCancel("Keeps it.").ShouldBe([new ReturnCancellationRequested("RMA-1", "Keeps it.")]);
        _asked.AskToCancel("Really.").ShouldBeEmpty();
        _asked.CancellationAccepted("Keeps it.").ShouldBe([new ReturnCancelled("RMA-1", "Keeps it.")]);
        _asked.CancellationAccepted("Keeps it.").ShouldBeEmpty();
        _asked.CancellationRefused("Too late.");
        _asked.AskToCancel("Again.").ShouldBeEmpty();
        (_asked.Status, _asked.CancellationRefusal).ShouldBe((ReturnStatus.Cancelled, null));
    }

    [Fact]
    public void Should_go_on_when_refused_and_may_ask_again()
    {
        _asked.AskToCancel("Keeps it.").Count.ShouldBe(1);
        _asked.CancellationRefused("The item has arrived.");
        (_asked.Status, _asked.CancellationRefusal).ShouldBe((ReturnStatus.Requested, "The item has arrived."));
        _asked.AskToCancel("Keeps it.").Count.ShouldBe(1);
        (_asked.Status, _asked.CancellationRefusal).ShouldBe((ReturnStatus.CancellationRequested, null));
    }

    [Theory]
    [InlineData(ReturnStatus.Approved, true)]
    [InlineData(ReturnStatus.Incomplete, true)]
    [InlineData(ReturnStatus.UnderReview, true)]
    [InlineData(ReturnStatus.Cancelled, true)]
    [InlineData(ReturnStatus.Declined, false)]
    [InlineData(ReturnStatus.Expired, false)]
    public void Should_know_in_traditional_mode_which_returns_can_be_called_off(ReturnStatus status, bool possible)
    {
        var saga = Drive.Carried(_asked);
        saga.Status = status;
        (saga.ReasonNotToCancel is null).ShouldBe(possible);
        saga.Reported = new ReportedSteps(new ItemReport("SN-1", "fine"));
        if (status is not ReturnStatus.Cancelled) saga.ReasonNotToCancel.ShouldNotBeNull();
    }
}
