using System.Text;

namespace EseErp.Messaging.Tests;

/// <summary>What waits for nothing any more is applied without anybody asking.</summary>
public abstract partial class DeadLetterSpec
{
    [Fact]
    public async Task Should_keep_a_letter_until_the_earlier_event_of_its_key_that_is_tried_again_is_through()
    {
        var key = KeyOfLane(0);
        await Publish(Parcels(key, 0, 1));
        var team = await StartTeam(Failing(key, 0) with { Consumers = topic => topic.Runs<SlowWhenParcelSent>() });
        await Eventually.Within(Limit, () => Ask<long>("select count(*) from ese.retries"), count => count == 1, "it to be parked");
        await Broker.Publish(Messaging.Topic, [new OutgoingRecord(key, "not JSON at all"u8.ToArray())], CancellationToken.None);
        await Publish(Parcels(key, 1, 1));
        var letters = await Eventually.Within(Limit, () => Letters(team), letters => letters.Count == 2, "the others to be set aside");
        Volatile.Write(ref _broken, false);

        var result = await Discard(team, letters[0].Id, new DiscardRequest("Somebody tried the topic out.", "Erika Mustermann"), 200);

        result.GetProperty("redriven").GetInt32().ShouldBe(0);
        result.GetProperty("failed")[0].GetProperty("error").GetString()!.ShouldContain("is being tried again");
        (await Redrive(team, $"/dead-letters/{letters[1].Id}/redrive")).Redriven.ShouldBe(0);
        (await Letters(team)).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            letter => letter.Reason.ShouldBe(DeadLetterReason.Behind), letter => letter.Attempts.ShouldBe(0));
        (await team.Receipts()).ShouldBeEmpty();

        // Its turn comes, and with it that of what is behind it.
        await Ask<long>("with due as (update ese.retries set next_at = now() returning 1) select count(*) from due");
        var receipts = await Eventually.Within(Limit, team.Receipts, receipts => receipts.Count == 2, "both to be applied");
        receipts.Select(receipt => receipt.Number).ShouldBe([0, 1]);
        await Eventually.Within(Limit, () => Letters(team), letters => letters.Count == 0, "no letter to be left");
    }

    [Fact]
    public async Task Should_apply_by_itself_what_is_behind_a_letter_when_the_process_that_closed_that_is_gone()
    {
        var (closed, waits) = (KeyOfLane(0), KeyOfLane(1));
        await Publish([.. Parcels(closed, 0, 3), .. Parcels(waits, 0, 3)]);
        var team = await StartTeam(Messaging with { Consumers = Impatient, Script = new Script { Before = (parcel, _) => parcel.Number == 0 ? Fail() : Task.CompletedTask } });
        await Eventually.Within(Limit, () => Letters(team), letters => letters.Count == 6, "all to be set aside");

        // As it is when the process ends between a discard and what follows it.
        await Ask<long>(
            $"""
            with gone as (update ese.dead_letters set discarded_at = now() - interval '1 min', discarded_by = 'Erika', discard_reason = 'Gone.'
                          where key = '{closed}' and "offset" = (select min("offset") from ese.dead_letters where key = '{closed}') returning 1)
            select count(*) from gone
            """);

        var receipts = await Eventually.Within(Limit, team.Receipts, receipts => receipts.Count == 2, "what was behind it to be applied");
        ShouldBeOnceEach(receipts, Parcels(closed, 1, 2));
        await Eventually.Within(Limit, () => Letters(team), letters => letters.Count == 3, "the other key to stay as it is");
        (await Letters(team)).ShouldAllBe(letter => letter.Key == waits && letter.Attempts <= ImpatientWhenParcelSent.Attempts);
    }

    [Theory]
    [InlineData("a missing table")]
    [InlineData("an error that passes")]
    public async Task Should_release_what_waits_for_nothing_although_it_fails_at_first(string what)
    {
        var key = KeyOfLane(0);
        await Broker.Publish(Messaging.Topic, [new OutgoingRecord(key, "not JSON at all"u8.ToArray())], CancellationToken.None);
        await Publish(Parcels(key, 0, 3));
        var isTable = what == "a missing table";
        var left = isTable ? 0 : 2;
        var team = await StartTeam(Messaging with
        {
            Consumers = Impatient,
            Script = new Script { Before = (_, _) => Interlocked.Decrement(ref left) >= 0 ? throw new InvalidOperationException("a bug") : Task.CompletedTask },
        });
        var letters = await Eventually.Within(Limit, () => Letters(team), letters => letters.Count == 4, "all to be set aside");
        if (isTable) await Ask<bool>("do $$ begin alter table receipts rename to gone; end $$; select true");

        await Discard(team, letters[0].Id, new DiscardRequest("Somebody tried the topic out.", "Erika Mustermann"), 200);

        (await Letters(team)).ShouldAllBe(letter => letter.Reason == DeadLetterReason.Behind);
        if (isTable) await Ask<bool>("do $$ begin alter table gone rename to receipts; end $$; select true");
        await Eventually.Within(Limit, () => Letters(team), letters => letters.Count == 0, "nobody to be needed");
        (await team.Receipts()).Select(receipt => receipt.Number).ShouldBe([0, 1, 2]);
    }

    [Fact]
    public async Task Should_set_aside_and_tell_of_a_record_whatever_it_says_of_itself()
    {
        var (key, other) = (KeyOfLane(0), KeyOfLane(1));
        var strange = Encoding.UTF8.GetString(Outgoing(new ParcelSent(other, 0)).Value)
            .Replace("correlation-1", "correlation\\u0000", StringComparison.Ordinal).Replace("parcel-sent.v1", "parcel-sent.v9", StringComparison.Ordinal);
        await Broker.Publish(
            Messaging.Topic,
            [
                new OutgoingRecord(key, Encoding.UTF8.GetBytes($$"""{"type":"ese.parcels.parcel-sent.v{{new string('9', 700_000)}}"}""")), new OutgoingRecord(other, Encoding.UTF8.GetBytes(strange)),
            ],
            CancellationToken.None);

        var team = await StartTeam(Messaging with { TellsOfDeadLetters = true });

        var letters = await Eventually.Within(Limit, () => Letters(team), letters => letters.Count == 2, "both to be set aside");
        letters.Select(letter => (letter.Key, letter.Reason)).ShouldBe(
            [(key, DeadLetterReason.Unreadable), (other, DeadLetterReason.UnknownVersion)], ignoreOrder: true);
        var told = await Eventually.Within(Limit, team.Events, events => events.Count == 2, "both to be told of");
        told.Single(e => e.Subject == key).Data.ShouldContain("\"eventType\":null");
        told.Single(e => e.Subject == other).CorrelationId.ShouldBe("correlation\\0");
    }
}
