using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Messaging.Tests;

/// <summary>What a person decides is never applied.</summary>
public abstract partial class DeadLetterSpec
{
    [Fact]
    public async Task Should_let_an_unreadable_record_go_when_a_person_discards_it_and_apply_what_waits_behind_it()
    {
        var key = KeyOfLane(0);
        await Broker.Publish(Messaging.Topic, [new OutgoingRecord(key, "not JSON at all"u8.ToArray())], CancellationToken.None);
        await Publish(Parcels(key, 0, 3));
        var team = await StartTeam(Messaging with { TellsOfDeadLetters = true });
        var letters = await Eventually.Within(Limit, () => Letters(team), letters => letters.Count == 4, "all to be set aside");

        var result = await Discard(team, letters[0].Id, new DiscardRequest("Somebody tried the topic out.", "Erika Mustermann"), 200);

        result.GetProperty("redriven").GetInt32().ShouldBe(3);
        (await team.Receipts()).Select(receipt => receipt.Number).ShouldBe([0, 1, 2]);
        (await Letters(team)).ShouldBeEmpty();
        var kept = (await Letters(team, all: true))[0];
        (kept.DiscardedBy, kept.DiscardReason, kept.RedrivenAt).ShouldBe(("Erika Mustermann", "Somebody tried the topic out.", null));
        kept.DiscardedAt.ShouldNotBeNull();
        // And the key is no longer held up, for good.
        await Publish(Parcels(key, 3, 2));
        ShouldBeOnceEach(await Applied(team, 5), Parcels(key, 0, 5));
        (await ClosedBefore(team, letters[0].Id)).ShouldBeTrue();
        (await ClosedBefore(team, letters[1].Id)).ShouldBeTrue();
        await Eventually.Within(
            Limit, () => team.Events(), events => events.Count(e => e.Type == "ese.parcels.parcel-freed.v1") == 4 && events.Count(e => e.Type == "ese.parcels.parcel-stuck.v1") == 4,
            "the log to tell of each letter and of its end");
        (await team.Events()).First(e => e.Type == "ese.parcels.parcel-freed.v1").Data.ShouldContain("\"note\":\"Somebody tried the topic out.\",\"by\":\"Erika Mustermann\"");
    }

    [Fact]
    public async Task Should_never_apply_a_discarded_event_also_when_it_is_read_again()
    {
        var bad = KeyOfLane(0);
        await Publish(Parcels(bad, 0, 3));
        var team = await StartTeam(Failing(bad, 0));
        var letters = await Eventually.Within(Limit, () => Letters(team), letters => letters.Count == 3, "all to be set aside");
        Volatile.Write(ref _broken, false);

        await Discard(team, letters[0].Id, new DiscardRequest("Booked by hand.", "Erika Mustermann"), 200);

        (await team.Receipts()).Select(receipt => receipt.Number).ShouldBe([1, 2]);
        await team.DisposeAsync();
        await SendToBeginning();
        var again = await StartTeam(Failing(bad, -1));
        await Publish(Parcels(bad, 3, 1));
        ShouldBeOnceEach(await Applied(again, 3), Parcels(bad, 1, 3));
        (await Letters(again)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Should_remember_what_was_discarded_when_all_else_is_applied_again()
    {
        var (bad, unreadable) = (KeyOfLane(0), KeyOfLane(1));
        await Publish(Parcels(bad, 0, 3));
        await Broker.Publish(Messaging.Topic, [new OutgoingRecord(unreadable, "not JSON at all"u8.ToArray())], CancellationToken.None);
        await Publish(Parcels(unreadable, 0, 2));
        var team = await StartTeam(Failing(bad, 0));
        var letters = await Eventually.Within(Limit, () => Letters(team), letters => letters.Count == 6, "all to be set aside");
        Volatile.Write(ref _broken, false);
        foreach (var letter in letters.Where(letter => letter.Reason != DeadLetterReason.Behind))
            await Discard(team, letter.Id, new DiscardRequest("Booked by hand.", "Erika Mustermann"), 200);
        ShouldBeOnceEach(await Applied(team, 4), [.. Parcels(bad, 1, 2), .. Parcels(unreadable, 0, 2)]);

        // As a projection is built again.
        var pump = team.Services.GetRequiredService<PumpControl>();
        await pump.Pause(CancellationToken.None);
        await team.Work(async provider =>
        {
            var db = provider.GetRequiredService<ParcelDb>();
            await PumpControl.ForgetApplied(db, CancellationToken.None);
            await db.Receipts.ExecuteDeleteAsync();
        });
        pump.Resume();

        ShouldBeOnceEach(await Applied(team, 4), [.. Parcels(bad, 1, 2), .. Parcels(unreadable, 0, 2)]);
        (await Letters(team)).ShouldBeEmpty();
        (await Letters(team, all: true)).Select(letter => (letter.DiscardedBy, letter.DiscardReason)).ShouldBe(
            [("Erika Mustermann", "Booked by hand."), ("Erika Mustermann", "Booked by hand.")]);
    }

    [Fact]
    public async Task Should_say_what_a_letter_fails_by_that_was_behind_a_discarded_one()
    {
        var bad = KeyOfLane(0);
        await Publish(Parcels(bad, 0, 3));
        var team = await StartTeam(Failing(bad, 0) with { TellsOfDeadLetters = true });
        var letters = await Eventually.Within(Limit, () => Letters(team), letters => letters.Count == 3, "all to be set aside");

        var result = await Discard(team, letters[0].Id, new DiscardRequest("Booked by hand.", "Erika Mustermann"), 200);

        result.GetProperty("failed")[0].GetProperty("error").GetString().ShouldBe("a bug");
        // It is tried as often as its consumer says.
        await Eventually.Within(Limit, () => Letters(team), letters => letters[0].Reason == DeadLetterReason.Exhausted, "it to be given up");
        (await Letters(team)).Select(letter => (letter.Reason, letter.Attempts)).ShouldBe(
            [(DeadLetterReason.Exhausted, ImpatientWhenParcelSent.Attempts), (DeadLetterReason.Behind, 0)]);
        var told = (await team.Events()).Where(e => e.Type == "ese.parcels.parcel-stuck.v1").Select(e => JsonElement.Parse(e.Data)).ToList();
        told.Select(e => e.GetProperty("reason").GetString()).ShouldBe(["Exhausted", "Behind", "Behind", "Exhausted"]);
        told[3].GetProperty("letterId").GetInt64().ShouldBe(letters[1].Id);
    }

    private static async Task<JsonElement> Discard(Team team, long id, DiscardRequest request, int status)
    {
        using var response = await Http.PostAsJsonAsync(new Uri(team.Address, $"/dead-letters/{id}/discard"), request);
        ((int)response.StatusCode).ShouldBe(status);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync());
    }

    private static async Task<bool> ClosedBefore(Team team, long id) => (await team.Services.GetRequiredService<DeadLetterRedrive>().Discard(
        (await team.Services.GetRequiredService<DeadLetters>().Find(id, CancellationToken.None))!, "Again.", "Max", CancellationToken.None)).Outcome == DiscardOutcome.ClosedBefore;
}
