using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.Tracking.Returns;
using static EseErp.Domain.Tests.Tracking.Story;

namespace EseErp.Domain.Tests.Tracking;

/// <summary>What a return's status and times say at every station of its life.</summary>
public sealed class RollupTests
{
    private static Story Settled(Resolution resolution = Resolution.RefundAndReplace) =>
        new Story().Then(Requested(resolution), Authorized, Expected, Reserved, Opened, Provided);

    [Fact]
    public void Should_go_through_every_station_of_the_usual_life()
    {
        var story = new Story();
        (object Fact, TrackedStatus Status)[] life =
        [
            (Requested(), TrackedStatus.Requested), (Authorized, TrackedStatus.Approved), (Expected, TrackedStatus.AwaitingItem),
            (Reserved, TrackedStatus.AwaitingItem), (Opened, TrackedStatus.AwaitingItem), (Provided, TrackedStatus.AwaitingItem),
            (Received, TrackedStatus.ItemReceived), (Diagnosed(), TrackedStatus.Inspected), (Issued, TrackedStatus.Inspected),
            (Shipped, TrackedStatus.Completed), (Disassembled, TrackedStatus.Completed), (Posted, TrackedStatus.Completed),
        ];

        foreach (var (fact, status) in life) story.Then(fact).Told().Status.ShouldBe(status, fact.ToString());
    }

    [Fact]
    public void Should_tell_when_it_settled_completed_and_closed()
    {
        var story = Settled();
        var settledAt = story.Now;
        story.Then(Received, Issued, Shipped);
        var completedAt = story.Now;
        story.Told().ClosedAt.ShouldBeNull();
        var told = story.Then(Diagnosed(), Disassembled, Posted).Told();

        (told.SettledAt, told.CompletedAt, told.ClosedAt).ShouldBe((settledAt, completedAt, story.Now));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Should_not_be_settled_while_any_team_is_silent(int silent)
    {
        object[] answers = [Authorized, Expected, Opened, Provided];

        new Story().Then(Requested()).Then(answers.Where((_, team) => team != silent).ToArray()).Told().SettledAt.ShouldBeNull();
    }

    [Fact]
    public void Should_need_no_money_to_complete_a_replacement() =>
        Settled(Resolution.Replace).Then(Received, Shipped).Told().Status.ShouldBe(TrackedStatus.Completed);

    [Fact]
    public void Should_need_no_replacement_to_complete_a_refund()
    {
        var told = new Story().Then(Requested(Resolution.Refund), Authorized, Expected, Opened, Provided, Received, Issued).Told();

        told.Status.ShouldBe(TrackedStatus.Completed);
        ReturnView.Of(told).Facets.Replacement.State.ShouldBe("NotRequested");
    }

    [Fact]
    public void Should_not_let_a_backorder_complete_it() =>
        new Story().Then(Requested(), Authorized, Expected, Backordered, Opened, Provided, Received, Issued).Told().CompletedAt.ShouldBeNull();

    [Fact]
    public void Should_close_without_disassembly_when_the_item_goes_back_to_the_customer() =>
        Settled().Then(Received, Issued, Shipped, Diagnosed(Disposition.ReturnToCustomer), Reversed).Told().ClosedAt.ShouldNotBeNull();

    [Fact]
    public void Should_close_without_disassembly_when_the_item_is_on_the_shelf_again()
    {
        var story = Settled().Then(Received, Issued, Shipped, Diagnosed(Disposition.ReturnToStock), Reversed);
        story.Told().ClosedAt.ShouldBeNull();

        story.Then(Restocked).Told().ClosedAt.ShouldBe(story.Now);
    }

    [Theory]
    [InlineData(Disposition.Scrap)]
    [InlineData(Disposition.Refurbish)]
    public void Should_not_close_before_it_is_taken_apart(Disposition disposition) =>
        Settled().Then(Received, Issued, Shipped, Diagnosed(disposition), Posted).Told().ClosedAt.ShouldBeNull();

    [Fact]
    public void Should_close_a_declined_return_when_the_last_team_has_released_what_it_held()
    {
        var story = new Story().Then(Requested(), Rejected, Expected, Reserved, Opened, Provided, NotDisassembled, Reversed);
        story.Told().Status.ShouldBe(TrackedStatus.Declined);
        story.Told().ClosedAt.ShouldBeNull();

        var told = story.Then(Released).Told();

        told.ClosedAt.ShouldBe(story.Now);
        told.CompletedAt.ShouldBeNull();
        ReturnView.Of(told).Facets.Item.State.ShouldBe("Closed");
    }

    [Fact]
    public void Should_settle_and_close_a_traditional_return_that_Sales_rejects_before_others_are_asked()
    {
        var story = new Story(CoordinationMode.Traditional).Then(Requested(), Rejected);
        var told = story.Told();

        (told.Status, told.SettledAt, told.ClosedAt).ShouldBe((TrackedStatus.Declined, story.Now, story.Now));
    }

    [Fact]
    public void Should_not_settle_an_event_mode_return_by_its_rejection_alone() =>
        new Story().Then(Requested(), Rejected).Told().SettledAt.ShouldBeNull();

    [Fact]
    public void Should_close_a_cancelled_return_when_everything_is_released()
    {
        var story = Settled().Then(Cancelled);
        story.Told().Status.ShouldBe(TrackedStatus.Cancelled);
        story.Told().ClosedAt.ShouldBeNull();

        story.Then(Voided, Released, NotDisassembled, Reversed).Told().ClosedAt.ShouldBe(story.Now);
    }

    [Fact]
    public void Should_expire_when_the_item_does_not_come_and_revive_when_it_comes_late()
    {
        var story = Settled().Then(Expired);
        story.Told().Status.ShouldBe(TrackedStatus.Expired);

        story.Then(Received).Told().Status.ShouldBe(TrackedStatus.ItemReceived);
    }

    [Fact]
    public void Should_be_under_review_while_a_person_has_to_decide()
    {
        var story = new Story().Then(Requested(), Referred, Expected, Reserved, Opened, Provided);
        story.Told().Status.ShouldBe(TrackedStatus.UnderReview);
        story.Told().SettledAt.ShouldNotBeNull();

        story.Then(Authorized).Told().Status.ShouldBe(TrackedStatus.AwaitingItem);
    }

    [Fact]
    public void Should_hold_a_return_under_review_as_soon_as_another_device_arrives()
    {
        var story = Settled(Resolution.Replace).Then(Shipped, AnotherReceived);
        story.Told().Status.ShouldBe(TrackedStatus.UnderReview);
        story.Then(Mismatch, Referred).Told().Status.ShouldBe(TrackedStatus.UnderReview);
        ReturnView.Of(story.Told()).Facets.Disassembly.State.ShouldBe("Mismatch");

        var accepted = ReturnView.Of(story.Then(MismatchAccepted).Told());
        (accepted.Status, accepted.CompletedAt, accepted.Facets.Refund.State, accepted.Facets.Disassembly.State)
            .ShouldBe((TrackedStatus.Completed, story.Now, "Authorized", "Received"));
    }

    [Fact]
    public void Should_say_paid_again_when_a_person_accepts_another_device_after_the_payment() =>
        ReturnView.Of(Settled().Then(Issued, AnotherReceived, Referred, MismatchAccepted).Told()).Facets.Refund.State.ShouldBe("Issued");

    [Fact]
    public void Should_not_take_an_accepted_device_for_an_approved_amount() =>
        new Story().Then(Requested(), Referred, Expected, Reserved, Opened, Provided, AnotherReceived, Referred, MismatchAccepted)
            .Told().Status.ShouldBe(TrackedStatus.UnderReview);

    [Fact]
    public void Should_stay_declined_while_the_money_is_got_back()
    {
        var story = Settled().Then(Issued, AnotherReceived, Mismatch, Referred, Declined, Referred, Released, NotDisassembled, Reversed);
        (story.Told().Status, story.Told().ClosedAt).ShouldBe((TrackedStatus.Declined, null));

        var told = story.Then(Recovered).Told();
        (told.Status, told.ClosedAt).ShouldBe((TrackedStatus.Declined, story.Now));
        var refund = ReturnView.Of(told).Facets.Refund;
        (refund.State, refund.RejectedAt is not null, refund.RecoveredAt).ShouldBe(("Voided", true, story.Now));
    }

    [Fact]
    public void Should_count_a_waived_item_as_in()
    {
        var story = Settled().Then(Waived);
        var told = ReturnView.Of(story.Told());
        (told.Status, told.Facets.Item.State, told.Facets.Item.Note).ShouldBe((TrackedStatus.Approved, "Waived", "Not worth the freight."));

        story.Then(Issued, Shipped).Told().Status.ShouldBe(TrackedStatus.Completed);
        story.Then(NotDisassembled, Reversed).Told().ClosedAt.ShouldBe(story.Now);
    }

    [Fact]
    public void Should_wait_for_a_replacement_that_is_asked_back()
    {
        var story = Settled().Then(Shipped, Cancelled, Voided, NotDisassembled, Reversed);
        story.Told().ClosedAt.ShouldBeNull();
        story.Then(Recalled, Delivered);
        (story.Told().Status, story.Told().ClosedAt, ReturnView.Of(story.Told()).Facets.Replacement.State).ShouldBe((TrackedStatus.Cancelled, null, "Recalled"));

        story.Then(RecalledReturned).Told().ClosedAt.ShouldBe(story.Now);
    }

    [Fact]
    public void Should_tell_what_came_of_the_wish_to_call_it_off()
    {
        var story = Settled();
        ReturnView.Of(story.Told()).Cancellation.ShouldBeNull();
        var asked = ReturnView.Of(story.Then(CancellationAsked).Told());
        (asked.Status, asked.Cancellation!.State).ShouldBe((TrackedStatus.AwaitingItem, CancellationState.Requested));
        var refused = ReturnView.Of(story.Then(CancelRefused).Told());
        (refused.Status, refused.Cancellation!.State, refused.Cancellation.Refusal)
            .ShouldBe((TrackedStatus.AwaitingItem, CancellationState.Refused, "The item has arrived."));
        ReturnView.Of(story.Then(CancellationAsked).Told()).Cancellation!.State.ShouldBe(CancellationState.Requested);

        // Another who asked at the same time is told that it is too late.
        var accepted = ReturnView.Of(story.Then(CancelAccepted, CancellationAsked, CancelRefused, Cancelled).Told());
        (accepted.Status, accepted.Cancellation!.State, accepted.CancelledAt).ShouldBe((TrackedStatus.Cancelled, CancellationState.Accepted, story.Now));
    }

    [Fact]
    public void Should_show_the_calls_of_a_traditional_return_in_order_and_the_latest_of_many()
    {
        var story = new Story(CoordinationMode.Traditional).Then(Requested(), Called("sales.refund-request", "inventory.shipment-request"), Called("accounting.asset-disposal"));
        ReturnView.WithCalls(story.Told()).Calls!.Select(call => call.Step)
            .ShouldBe(["sales.refund-request", "inventory.shipment-request", "accounting.asset-disposal"]);
        ReturnView.Of(story.Told()).Calls.ShouldBeNull();

        story.Then(Called(Enumerable.Range(1, CallsFacet.Kept).Select(number => $"step.{number}").ToArray()));
        ReturnView.WithCalls(story.Told()).Calls!.Select(call => call.Step).ShouldBe(Enumerable.Range(1, CallsFacet.Kept).Select(number => $"step.{number}"));
    }

    [Fact]
    public void Should_show_that_a_traditional_return_waits_to_be_resumed()
    {
        var story = new Story(CoordinationMode.Traditional)
            .Then(Requested(), Authorized, new ReturnIncomplete(ReturnId, "inventory.shipment-request", "No answer within 5 s."));
        var view = ReturnView.Of(story.Told());
        (view.Status, view.Incomplete?.Step, view.Settled).ShouldBe((TrackedStatus.Incomplete, "inventory.shipment-request", false));

        var resumed = ReturnView.Of(story.Then(Expected, Reserved, Opened, Provided, new ReturnResumed(ReturnId)).Told());
        (resumed.Status, resumed.Incomplete, resumed.Settled).ShouldBe((TrackedStatus.AwaitingItem, null, true));
    }

    [Fact]
    public void Should_be_stuck_while_any_service_has_an_open_dead_letter_of_it()
    {
        var story = Settled().Then(Received, Issued, SetAside(7), SetAside(8, "Behind"), SetAside(3, "Unreadable", "tracking"));
        var stuck = ReturnView.Of(story.Told());

        stuck.Status.ShouldBe(TrackedStatus.Stuck);
        stuck.Stuck!.Open.ShouldBe(3);
        stuck.Stuck.Letters.Select(letter => (letter.Team, letter.Reason, letter.EventType, letter.Link)).ShouldBe(
        [
            ("accounting", "Exhausted", "ese.sales.refund-issued.v1", "/dead-letters/7"), ("accounting", "Behind", "ese.sales.refund-issued.v1", "/dead-letters/8"),
            ("tracking", "Unreadable", "ese.sales.refund-issued.v1", "/dead-letters/3"),
        ]);
        // The facets say what they said.
        (stuck.Facets.Refund.State, stuck.Settled).ShouldBe(("Issued", true));
        ReturnView.Of(story.Then(Redriven(7), Redriven(8)).Told()).Status.ShouldBe(TrackedStatus.Stuck);

        var free = ReturnView.Of(story.Then(Discarded(3, "tracking")).Told());
        (free.Status, free.Stuck).ShouldBe((TrackedStatus.ItemReceived, null));
    }

    [Fact]
    public void Should_not_close_while_it_is_stuck()
    {
        var story = Settled().Then(SetAside(7), Received, Issued, Shipped, Diagnosed(Disposition.ReturnToCustomer), Reversed);
        (story.Told().Status, story.Told().ClosedAt).ShouldBe((TrackedStatus.Stuck, null));

        var told = story.Then(Discarded(7)).Told();
        (told.Status, told.ClosedAt).ShouldBe((TrackedStatus.Completed, story.Now));
    }

    [Fact]
    public void Should_say_why_a_letter_waits_now()
    {
        var story = Settled().Then(SetAside(7), SetAside(8, "Behind"), Discarded(7));
        var since = ReturnView.Of(story.Told()).Stuck!.Since;

        var letter = ReturnView.Of(story.Then(SetAside(8, again: true)).Told()).Stuck!.Letters.ShouldHaveSingleItem();
        (letter.Reason, letter.Since).ShouldBe(("Exhausted", since!.Value));
    }

    [Fact]
    public void Should_count_more_letters_than_it_lists()
    {
        const int Many = StuckFacet.Kept + 5;
        var story = Settled().Then([.. Enumerable.Range(1, Many).Select(id => SetAside(id, id == 1 ? "Exhausted" : "Behind"))]);
        var stuck = ReturnView.Of(story.Told()).Stuck!;
        (stuck.Open, stuck.Letters.Count).ShouldBe((Many, StuckFacet.Kept));

        // Those listed are gone, and the next one fails by itself.
        story.Then([.. Enumerable.Range(1, StuckFacet.Kept).Select(id => Redriven(id))]).Then(SetAside(StuckFacet.Kept + 1, again: true));
        stuck = ReturnView.Of(story.Told()).Stuck!;
        (stuck.Open, stuck.Letters.Count).ShouldBe((5, 1));

        story.Then([.. Enumerable.Range(StuckFacet.Kept + 1, 5).Select(id => Redriven(id))]);
        (ReturnView.Of(story.Told()).Stuck, story.Told().Status).ShouldBe((null, TrackedStatus.AwaitingItem));
    }

    [Fact]
    public void Should_end_in_the_same_row_whichever_team_is_heard_first()
    {
        var story = Settled().Then(SetAside(7), SetAside(3, team: "tracking"), SetAside(8, "Behind"), Redriven(7), SetAside(8, again: true), SetAside(9, "Behind"), Discarded(3, "tracking"));
        var random = new Random(2026);
        for (var time = 0; time < 50; time++)
            System.Text.Json.JsonSerializer.Serialize(ReturnView.Of(story.Told(story.Interleaved(random))))
                .ShouldBe(System.Text.Json.JsonSerializer.Serialize(ReturnView.Of(story.Told())));
    }

    [Fact]
    public void Should_show_a_rejection_that_User_Support_has_not_got_yet()
    {
        var story = new Story(CoordinationMode.Traditional)
            .Then(Requested(), new ReturnIncomplete(ReturnId, "sales.order-refund-request", "No answer within 5 s."), Rejected);

        (story.Told().Status, ReturnView.Of(story.Told()).Incomplete).ShouldBe((TrackedStatus.Declined, null));
    }
}
