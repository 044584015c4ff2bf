using System.Text.Json;
using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.Tracking.Returns;
using FsCheck;
using FsCheck.Fluent;
using static EseErp.Domain.Tests.Tracking.Story;

namespace EseErp.Domain.Tests.Tracking;

/// <summary>The broker keeps the order within a team and no order between teams; the row must not notice.</summary>
public sealed class OrderTests
{
    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(2_000);
    private static readonly Arbitrary<int> Seeds = Gen.Choose(0, int.MaxValue).ToArbitrary();

    [Fact]
    public void Should_end_in_the_same_row_however_the_teams_facts_interleave() =>
        Check.One(Thorough, Prop.ForAll(Seeds, seed =>
        {
            var random = new Random(seed);
            var story = AnyStory(random);

            Json(story.Told(story.Interleaved(random))).ShouldBe(Json(story.Told()));
        }));

    [Fact]
    public void Should_end_in_the_same_row_in_every_interleaving_of_the_answers()
    {
        var story = new Story().Then(Requested(), Authorized, Expected, Opened, Provided);
        var orders = Permutations(story.Facts.ToList()).ToList();

        orders.Count.ShouldBe(120);
        foreach (var order in orders) Json(story.Told(order)).ShouldBe(Json(story.Told()));
    }

    [Fact]
    public void Should_lose_nothing_of_a_facet_when_it_is_stored() =>
        Check.One(Thorough, Prop.ForAll(Seeds, seed =>
        {
            var told = AnyStory(new Random(seed)).Told();
            object[] facets =
                [told.Request, told.Refund, told.Replacement, told.Item, told.Disassembly, told.Disposal, told.Cancellation, told.Calls];

            foreach (var facet in facets)
            {
                var stored = JsonSerializer.Serialize(facet, facet.GetType(), EventJson.Options);
                JsonSerializer.Deserialize(stored, facet.GetType(), EventJson.Options).ShouldBeEquivalentTo(facet);
            }
        }));

    // Any sequence a team could utter, plausible or not: the promise does not rest on the teams behaving well.
    private static Story AnyStory(Random random)
    {
        var resolution = random.GetItems([Resolution.Refund, Resolution.Replace, Resolution.RefundAndReplace], 1)[0];
        var disposition = random.GetItems(Enum.GetValues<Disposition>(), 1)[0];
        object[][] teams =
        [
            [
                Requested(resolution), CancellationAsked, Cancelled, new ReturnIncomplete(ReturnId, "sales", "No answer."), new ReturnResumed(ReturnId),
                Called("sales.refund-request", "inventory.shipment-request"),
            ],
            [CancelAccepted, CancelRefused],
            [Authorized, Rejected, Declined, Referred, Issued, Voided, MismatchAccepted, Upheld, Recovered],
            [
                Expected, Reserved, Backordered, Shipped, Delivered, Released, Recalled, RecalledReturned, Received, AnotherReceived, Expired, Waived,
                Restocked,
            ],
            [Opened, Diagnosed(disposition), Mismatch, Disassembled, NotDisassembled],
            [Provided, Posted, Reversed],
        ];
        var story = new Story(random.Next(2) == 0 ? CoordinationMode.Event : CoordinationMode.Traditional);
        foreach (var team in teams) story.Then(random.GetItems(team, random.Next(team.Length + 2)));
        return story;
    }

    private static IEnumerable<List<T>> Permutations<T>(List<T> items)
    {
        if (items.Count == 0) yield return [];
        for (var i = 0; i < items.Count; i++)
            foreach (var rest in Permutations([.. items[..i], .. items[(i + 1)..]]))
                yield return [items[i], .. rest];
    }

    // The stored row and what is shown of it.
    private static string Json(TrackedReturn tracked) =>
        JsonSerializer.Serialize(tracked, EventJson.Options) + JsonSerializer.Serialize(ReturnView.WithCalls(tracked), EventJson.Options);
}
