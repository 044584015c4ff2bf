using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.Sales.Refunds;
using FsCheck;
using FsCheck.Fluent;
using static EseErp.Domain.Tests.Sales.Happening;

namespace EseErp.Domain.Tests.Sales;

/// <summary>What people decide, and what the other teams' facts do to a refund, whichever comes first.</summary>
public sealed class ReviewTests
{
    // R: decided. C: the item comes. M: another device comes. N: Manufacturing notices. D: inspected. W: the item need not come.
    // B: inspected, and goes back to the customer. X: the return ends. Y: approved. Z: declined.
    private static readonly Dictionary<char, Happening> Letters = new()
    {
        ['R'] = Decided,
        ['C'] = ItemReceived,
        ['M'] = AnotherDeviceCame,
        ['N'] = MismatchNoticed,
        ['D'] = ItemDiagnosed,
        ['B'] = SentBack,
        ['W'] = Waived,
        ['X'] = Cancelled,
        ['Y'] = Approved,
        ['Z'] = Declined,
    };

    [Theory]
    [InlineData(199.90, OrderRefundState.Authorized)]
    [InlineData(199.89, OrderRefundState.ManualReview)]
    [InlineData(0, OrderRefundState.ManualReview)]
    public void Should_ask_a_person_about_an_amount_above_the_limit(decimal limit, OrderRefundState state)
    {
        var life = Life(limit: limit).After(Decided);

        life.Request.State.ShouldBe(state);
        life.Facts.Single().ShouldBeOfType(state == OrderRefundState.Authorized ? typeof(OrderRefundAuthorized) : typeof(OrderRefundReferred));
        // A refund under review counts, so that the limit of the order holds meanwhile.
        life.Order.Refunded.ShouldBe(199.90m);
    }

    [Fact]
    public void Should_review_amounts_above_a_thousand_unless_told_otherwise() => new RefundOptions().ReviewAbove.ShouldBe(1_000);

    [Fact]
    public void Should_not_ask_about_a_replacement_alone() =>
        Life(resolution: Resolution.Replace, limit: 0).After(Decided).Request.State.ShouldBe(OrderRefundState.Authorized);

    [Theory]
    // The amount is under review: R refers it.
    [InlineData("RY", OrderRefundState.Authorized, null, 199.90, "OrderRefundReferred OrderRefundAuthorized")]
    [InlineData("RCY", OrderRefundState.Issued, null, 199.90, "OrderRefundReferred OrderRefundAuthorized RefundIssued")]
    [InlineData("RYC", OrderRefundState.Issued, null, 199.90, "OrderRefundReferred OrderRefundAuthorized RefundIssued")]
    [InlineData("RWY", OrderRefundState.Issued, null, 199.90, "OrderRefundReferred OrderRefundAuthorized RefundIssued")]
    [InlineData("RZ", OrderRefundState.Rejected, null, 0, "OrderRefundReferred OrderRefundRejected")]
    [InlineData("RCZ", OrderRefundState.Rejected, null, 0, "OrderRefundReferred OrderRefundRejected")]
    [InlineData("RZC", OrderRefundState.Rejected, null, 0, "OrderRefundReferred OrderRefundRejected")]
    [InlineData("RX", OrderRefundState.Voided, null, 0, "OrderRefundReferred RefundVoided")]
    [InlineData("RXY", OrderRefundState.Voided, null, 0, "OrderRefundReferred RefundVoided")]
    [InlineData("RYX", OrderRefundState.Voided, null, 0, "OrderRefundReferred OrderRefundAuthorized RefundVoided")]
    [InlineData("RMY", OrderRefundState.ManualReview, RefundReview.Mismatch, 199.90, "OrderRefundReferred OrderRefundAuthorized OrderRefundReferred")]
    [InlineData("RYM", OrderRefundState.ManualReview, RefundReview.Mismatch, 199.90, "OrderRefundReferred OrderRefundAuthorized OrderRefundReferred")]
    [InlineData("RMYY", OrderRefundState.Issued, null, 199.90, "OrderRefundReferred OrderRefundAuthorized OrderRefundReferred ItemMismatchAccepted RefundIssued")]
    [InlineData("RMYZ", OrderRefundState.Rejected, null, 0, "OrderRefundReferred OrderRefundAuthorized OrderRefundReferred OrderRefundRejected")]
    [InlineData("RMZ", OrderRefundState.Rejected, null, 0, "OrderRefundReferred OrderRefundRejected")]
    public void Should_follow_from_what_a_person_says_of_the_amount(string story, OrderRefundState state, RefundReview? review, decimal refunded, string facts) =>
        ShouldEnd(Life(limit: 100), story, state, review, refunded, facts);

    [Theory]
    [InlineData("RM", OrderRefundState.ManualReview, RefundReview.Mismatch, 199.90, "OrderRefundAuthorized OrderRefundReferred")]
    [InlineData("RMN", OrderRefundState.ManualReview, RefundReview.Mismatch, 199.90, "OrderRefundAuthorized OrderRefundReferred")]
    [InlineData("RNM", OrderRefundState.ManualReview, RefundReview.Mismatch, 199.90, "OrderRefundAuthorized OrderRefundReferred")]
    [InlineData("RMY", OrderRefundState.Issued, null, 199.90, "OrderRefundAuthorized OrderRefundReferred ItemMismatchAccepted RefundIssued")]
    [InlineData("RMYN", OrderRefundState.Issued, null, 199.90, "OrderRefundAuthorized OrderRefundReferred ItemMismatchAccepted RefundIssued")]
    [InlineData("RMZ", OrderRefundState.Rejected, null, 0, "OrderRefundAuthorized OrderRefundReferred OrderRefundRejected")]
    [InlineData("RMZN", OrderRefundState.Rejected, null, 0, "OrderRefundAuthorized OrderRefundReferred OrderRefundRejected")]
    public void Should_pay_for_another_device_only_when_a_person_accepts_it(string story, OrderRefundState state, RefundReview? review, decimal refunded, string facts) =>
        ShouldEnd(Life(), story, state, review, refunded, facts);

    // Once the customer was left with the device, the money and the replacement.
    [Theory]
    [InlineData(RefundPolicy.OnDiagnosed, "RCB", OrderRefundState.ManualReview, RefundReview.SentBack, 199.90, "OrderRefundAuthorized OrderRefundReferred")]
    [InlineData(RefundPolicy.OnDiagnosed, "RCBY", OrderRefundState.Issued, null, 199.90, "OrderRefundAuthorized OrderRefundReferred SentBackAccepted RefundIssued")]
    [InlineData(RefundPolicy.OnDiagnosed, "RCBZ", OrderRefundState.Rejected, null, 0, "OrderRefundAuthorized OrderRefundReferred OrderRefundRejected")]
    [InlineData(RefundPolicy.OnDiagnosed, "RCBX", OrderRefundState.Voided, null, 0, "OrderRefundAuthorized OrderRefundReferred RefundVoided")]
    [InlineData(RefundPolicy.OnReceived, "RCB", OrderRefundState.ManualReview, RefundReview.SentBack, 199.90, "OrderRefundAuthorized RefundIssued OrderRefundReferred")]
    [InlineData(RefundPolicy.OnReceived, "RCBY", OrderRefundState.Issued, null, 199.90, "OrderRefundAuthorized RefundIssued OrderRefundReferred SentBackAccepted")]
    [InlineData(RefundPolicy.OnReceived, "RCBZ", OrderRefundState.ManualReview, RefundReview.Recovery, 199.90, "OrderRefundAuthorized RefundIssued OrderRefundReferred OrderRefundRejected OrderRefundReferred")]
    [InlineData(RefundPolicy.OnReceived, "RMBYY", OrderRefundState.Issued, null, 199.90, "OrderRefundAuthorized OrderRefundReferred ItemMismatchAccepted OrderRefundReferred SentBackAccepted RefundIssued")]
    public void Should_ask_a_person_before_the_customer_has_the_device_and_the_money(
        RefundPolicy policy, string story, OrderRefundState state, RefundReview? review, decimal refunded, string facts) => ShouldEnd(Life(policy), story, state, review, refunded, facts);

    [Fact]
    public void Should_ask_a_person_before_the_customer_has_the_device_and_a_replacement() =>
        ShouldEnd(Life(resolution: Resolution.Replace), "RCBY", OrderRefundState.Authorized, null, 0, "OrderRefundAuthorized OrderRefundReferred SentBackAccepted");

    [Theory]
    [InlineData("RX", OrderRefundState.ManualReview, RefundReview.Recovery, 199.90, "OrderRefundAuthorized RefundIssued OrderRefundReferred")]
    [InlineData("RXY", OrderRefundState.Issued, null, 199.90, "OrderRefundAuthorized RefundIssued OrderRefundReferred RefundUpheld")]
    [InlineData("RXYX", OrderRefundState.Issued, null, 199.90, "OrderRefundAuthorized RefundIssued OrderRefundReferred RefundUpheld")]
    [InlineData("RXZ", OrderRefundState.Voided, null, 0, "OrderRefundAuthorized RefundIssued OrderRefundReferred RefundRecovered")]
    [InlineData("RM", OrderRefundState.ManualReview, RefundReview.Mismatch, 199.90, "OrderRefundAuthorized RefundIssued OrderRefundReferred")]
    [InlineData("RMY", OrderRefundState.Issued, null, 199.90, "OrderRefundAuthorized RefundIssued OrderRefundReferred ItemMismatchAccepted")]
    [InlineData("RMZ", OrderRefundState.ManualReview, RefundReview.Recovery, 199.90, "OrderRefundAuthorized RefundIssued OrderRefundReferred OrderRefundRejected OrderRefundReferred")]
    [InlineData("RMZY", OrderRefundState.Issued, null, 199.90, "OrderRefundAuthorized RefundIssued OrderRefundReferred OrderRefundRejected OrderRefundReferred RefundUpheld")]
    [InlineData("RMZZ", OrderRefundState.Voided, null, 0, "OrderRefundAuthorized RefundIssued OrderRefundReferred OrderRefundRejected OrderRefundReferred RefundRecovered")]
    // What is known before Sales hears of the return keeps it from paying.
    [InlineData("XR", OrderRefundState.Voided, null, 0, "OrderRefundAuthorized RefundVoided")]
    [InlineData("MR", OrderRefundState.ManualReview, RefundReview.Mismatch, 199.90, "OrderRefundAuthorized OrderRefundReferred")]
    public void Should_leave_what_was_paid_at_once_to_a_person(string story, OrderRefundState state, RefundReview? review, decimal refunded, string facts) =>
        ShouldEnd(Life(RefundPolicy.OnAuthorized), story, state, review, refunded, facts);

    // Facts of several teams and a person's word, which presupposes what it is about.
    [Theory]
    [InlineData(RefundPolicy.OnReceived, 1000, "RC", OrderRefundState.Issued)]
    [InlineData(RefundPolicy.OnReceived, 1000, "RCD", OrderRefundState.Issued)]
    [InlineData(RefundPolicy.OnDiagnosed, 1000, "RCD", OrderRefundState.Issued)]
    [InlineData(RefundPolicy.OnDiagnosed, 1000, "RC", OrderRefundState.Authorized)]
    [InlineData(RefundPolicy.OnDiagnosed, 1000, "RW", OrderRefundState.Issued)]
    [InlineData(RefundPolicy.OnReceived, 1000, "RCB", OrderRefundState.ManualReview)]
    [InlineData(RefundPolicy.OnDiagnosed, 1000, "RCB", OrderRefundState.ManualReview)]
    [InlineData(RefundPolicy.OnReceived, 1000, "RW", OrderRefundState.Issued)]
    [InlineData(RefundPolicy.OnReceived, 1000, "RMN", OrderRefundState.ManualReview)]
    [InlineData(RefundPolicy.OnDiagnosed, 1000, "RMN", OrderRefundState.ManualReview)]
    [InlineData(RefundPolicy.OnReceived, 1000, "RX", OrderRefundState.Voided)]
    [InlineData(RefundPolicy.OnReceived, 0, "RYCD", OrderRefundState.Issued)]
    [InlineData(RefundPolicy.OnDiagnosed, 0, "RYCD", OrderRefundState.Issued)]
    [InlineData(RefundPolicy.OnAuthorized, 0, "RYCD", OrderRefundState.Issued)]
    [InlineData(RefundPolicy.OnReceived, 0, "RYW", OrderRefundState.Issued)]
    [InlineData(RefundPolicy.OnReceived, 0, "RZC", OrderRefundState.Rejected)]
    [InlineData(RefundPolicy.OnReceived, 0, "RX", OrderRefundState.Voided)]
    [InlineData(RefundPolicy.OnReceived, 0, "RYMN", OrderRefundState.ManualReview)]
    public void Should_end_in_the_same_state_whichever_fact_comes_first(RefundPolicy policy, decimal limit, string facts, OrderRefundState state)
    {
        foreach (var order in Permutations.Of(facts).Where(order => order.IndexOfAny(['Y', 'Z']) is var said && (said < 0 || order.IndexOf('R') < said)))
            Told(Life(policy, limit: limit), order).Request.State.ShouldBe(state, order);
    }

    [Fact]
    public void Should_have_an_end_in_reach_after_any_history() => Prop.ForAll(
        (from policy in Gen.Elements(Enum.GetValues<RefundPolicy>())
         from resolution in Gen.Elements(Enum.GetValues<Resolution>())
         from limit in Gen.Elements(0m, 1_000m)
         from happenings in Lives.Events.ListOf()
         from word in Gen.Elements(Approved, Declined)
         select (policy, resolution, limit, happenings, word)).ToArbitrary(), story =>
        {
            var life = Life(story.policy, story.resolution, story.limit).After(story.happenings);

            life.After(Decided, story.word, ItemReceived, ItemDiagnosed, story.word, story.word, story.word);

            life.Request.State.ShouldBeOneOf(story.resolution == Resolution.Replace
                ? [OrderRefundState.Rejected, OrderRefundState.Voided, OrderRefundState.Authorized]
                : [OrderRefundState.Rejected, OrderRefundState.Voided, OrderRefundState.Issued]);
            life.Request.Review.ShouldBeNull();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Should_keep_what_the_person_said()
    {
        var life = Life(limit: 0).After(Decided, Declined);

        life.Facts[^1].ShouldBeOfType<OrderRefundRejected>().Note.ShouldBe("No.");
        life.Request.View().ReviewNote.ShouldBe("No.");
        life.Request.Reasons.ShouldBe([RejectionReason.DeclinedOnReview]);
        life.Request.ReasonNotToReview.ShouldNotBeNull();
    }

    private static void ShouldEnd(Lives life, string story, OrderRefundState state, RefundReview? review, decimal refunded, string facts)
    {
        Told(life, story);

        (life.Request.State, life.Request.Review).ShouldBe((state, review));
        (life.Request.ReasonNotToReview is null).ShouldBe(review is not null);
        life.Order.Refunded.ShouldBe(refunded);
        string.Join(' ', life.Facts.Select(fact => fact.GetType().Name)).ShouldBe(facts);
    }

    private static Lives Told(Lives life, string story) => life.After(story.Select(letter => Letters[letter]));

    private static Lives Life(RefundPolicy policy = RefundPolicy.OnReceived, Resolution resolution = Resolution.RefundAndReplace, decimal limit = 1_000) =>
        new(Refunds.Order(), Refunds.Request(resolution: resolution), policy, new RefundTerms(ReviewAbove: limit));
}
