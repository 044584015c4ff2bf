using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.UserSupport;
using EseErp.Tracking.Returns;
using FsCheck;
using FsCheck.Fluent;
using static EseErp.Domain.Tests.Tracking.Story;

namespace EseErp.Domain.Tests.Tracking;

/// <summary>However a return ends, and in whatever order the teams' facts arrive: it is closed when the last one is in, and not before.</summary>
public sealed class EndTests
{
    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(2_000);

    // What each team says, in its order, until the end named.
    private sealed record End(
        TrackedStatus Status, Resolution Resolution, object[] Asked, object[] Answers, object[] Sales, object[] Inventory, object[] Manufacturing, object[] Accounting)
    {
        public Story Story => new Story().Then([Requested(Resolution), .. Asked, .. Answers, .. Sales, .. Inventory, .. Manufacturing, .. Accounting]);
    }

    private static readonly IReadOnlyList<End> Ends = [.. GoneThrough(), .. GoneThroughWithout(), .. Questioned(), .. DeclinedByRule(), .. CalledOff()];

    [Fact]
    public void Should_close_every_end_in_any_order_and_stay_closed() =>
        Check.One(Thorough, Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var end = Ends[random.Next(Ends.Count)];
            var order = end.Story.Interleaved(random).ToList();

            var told = new TrackedReturn { ReturnId = ReturnId, Mode = CoordinationMode.Event };
            var closed = false;
            foreach (var (at, fact) in order)
            {
                told.Apply(fact, at);
                if (closed) told.ClosedAt.ShouldNotBeNull($"{end} opened again by {fact}");
                closed = told.ClosedAt is not null;
            }

            (told.Status, closed).ShouldBe((end.Status, true), end.ToString());
        }));

    [Fact]
    public void Should_not_close_before_every_team_has_let_go()
    {
        foreach (var end in Ends)
        {
            var topics = end.Story.Topics;
            foreach (var unfinished in topics.Where(topic => !LetsNothingGo(topic[^1].Fact)))
                end.Story.Told(topics.SelectMany(topic => topic == unfinished ? topic[..^1] : topic))
                    .ClosedAt.ShouldBeNull($"{end} without {unfinished[^1].Fact}");
        }
    }

    [Fact]
    public void Should_close_a_traditional_return_that_ends_before_all_teams_are_asked()
    {
        object[][] answers = [[Authorized], [Expected, Reserved], [Opened], [Provided]];
        object[][] undone = [[Voided], [Released], [NotDisassembled], [Reversed]];
        for (var asked = 1; asked <= 4; asked++)
        {
            var story = new Story(CoordinationMode.Traditional)
                .Then(Requested()).Then([.. answers[..asked].SelectMany(facts => facts)]).Then([.. undone[..asked].Reverse().SelectMany(facts => facts)]);
            story.Told().ClosedAt.ShouldBeNull();
            var told = story.Then(Cancelled).Told();
            (told.Status, told.ClosedAt).ShouldBe((TrackedStatus.Cancelled, story.Now));
        }
    }

    private static IEnumerable<End> GoneThrough() =>
        from resolution in Enum.GetValues<Resolution>()
        from refused in new[] { false, true }
        from reviewed in new[] { false, true }
        from disposition in Enum.GetValues<Disposition>()
        let takenApart = disposition is Disposition.Scrap or Disposition.Refurbish
        select new End(
            TrackedStatus.Completed, resolution,
            refused ? [CancellationAsked] : [], refused ? [CancelRefused] : [],
            [.. reviewed ? [Referred] : Array.Empty<object>(), Authorized, .. Paid(resolution)],
            [Expected, .. Wanted(resolution, Backordered, Reserved), Received, .. Wanted(resolution, Shipped, Delivered), .. disposition == Disposition.ReturnToStock ? [Restocked] : Array.Empty<object>()],
            takenApart ? [Opened, Diagnosed(disposition), Disassembled] : [Opened, Diagnosed(disposition)],
            takenApart ? [Provided, Posted] : [Provided, Reversed]);

    private static IEnumerable<End> GoneThroughWithout() =>
        from resolution in Enum.GetValues<Resolution>()
        select new End(
            TrackedStatus.Completed, resolution, [], [], [Authorized, .. Paid(resolution)],
            [Expected, .. Wanted(resolution, Reserved), Waived, .. Wanted(resolution, Shipped)], [Opened, NotDisassembled], [Provided, Reversed]);

    private static IEnumerable<End> Questioned() =>
        from resolution in Enum.GetValues<Resolution>()
        from paidBefore in Paid(resolution).Length == 0 ? [false] : new[] { false, true }
        from shippedBefore in Wanted(resolution, Shipped).Length == 0 ? [false] : new[] { false, true }
        from decision in new[] { MismatchAccepted, (object)Upheld, Recovered }
        let accepted = decision == (object)MismatchAccepted
        // Where nothing was paid, nothing is decided after the decline.
        where accepted || paidBefore || decision == (object)Upheld
        select new End(
            accepted ? TrackedStatus.Completed : TrackedStatus.Declined, resolution, [], [],
            [
                Authorized, .. paidBefore ? Paid(resolution) : [], Referred,
                .. accepted ? [MismatchAccepted, .. paidBefore ? [] : Paid(resolution)] : paidBefore ? [Declined, Referred, decision] : new object[] { Declined },
            ],
            [
                Expected, .. Wanted(resolution, Reserved), .. shippedBefore ? [Shipped] : Array.Empty<object>(), AnotherReceived,
                .. accepted ? shippedBefore ? [] : Wanted(resolution, Shipped) : shippedBefore ? [Recalled, RecalledReturned] : Wanted(resolution, Released),
            ],
            accepted ? [Opened, Mismatch, Diagnosed(), Disassembled] : [Opened, Mismatch, NotDisassembled],
            accepted ? [Provided, Posted] : [Provided, Reversed]);

    private static IEnumerable<End> DeclinedByRule() =>
        from resolution in Enum.GetValues<Resolution>()
        from reviewed in new[] { false, true }
        select new End(
            TrackedStatus.Declined, resolution, [], [], reviewed ? [Referred, Declined] : [Rejected],
            [Expected, .. Wanted(resolution, Reserved, Released)], [Opened, NotDisassembled], [Provided, Reversed]);

    private static IEnumerable<End> CalledOff() =>
        from resolution in Enum.GetValues<Resolution>()
        from cancelled in new[] { true, false }
        from sales in new object[][] { [Authorized, Voided], [Referred, Voided], [Authorized, Issued, Referred, Upheld], [Authorized, Issued, Referred, Recovered] }
        where sales.Length == 2 || resolution != Resolution.Replace
        from left in Wanted(resolution, Shipped).Length == 0 ? [0] : Enumerable.Range(0, 4)
        let replacement = resolution == Resolution.Refund ? [] : left switch
        {
            0 => [Reserved, Released],
            1 => [Backordered, Released],
            2 => [Reserved, Shipped, Recalled, RecalledReturned],
            _ => new object[] { Reserved, Shipped, Delivered, Recalled, RecalledReturned },
        }
        select new End(
            cancelled ? TrackedStatus.Cancelled : TrackedStatus.Expired, resolution,
            cancelled ? [CancellationAsked, Cancelled] : [], cancelled ? [CancelAccepted] : [],
            sales, [Expected, .. replacement, .. cancelled ? [] : new object[] { Expired }], [Opened, NotDisassembled], [Provided, Reversed]);

    private static bool LetsNothingGo(object fact) =>
        fact is ReturnCancellationRequested or CancellationAccepted or CancellationRefused or ItemReceived or ReplacementDelivered;

    private static object[] Paid(Resolution resolution) => resolution == Resolution.Replace ? [] : [Issued];

    private static object[] Wanted(Resolution resolution, params object[] facts) => resolution == Resolution.Refund ? [] : facts;
}
