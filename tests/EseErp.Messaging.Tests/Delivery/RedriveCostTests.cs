using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Messaging.Tests;

/// <summary>What a re-drive of many reads grows with its letters, and not with their square.</summary>
public sealed class RedriveCostTests(TestDatabases databases) : DeliverySpec(databases)
{
    private const int Letters = 300;

    [Fact]
    public async Task Should_read_each_letter_a_few_times_however_many_there_are()
    {
        long run;
        await using (var team = await Team.Start(Database, Messaging))
        {
            // As many that were closed before, and half of the others fail again.
            await Ask<long>(
                $$"""
                with letters as (
                    insert into ese.dead_letters (topic, partition, "offset", key, reason, error, attempts, value, published, redriven_at)
                    select '{{Messaging.Topic}}', 0, n, 'RMA-' || n, 'Exhausted', 'a bug', 1,
                        convert_to(case n % 2 when 0 then 'not JSON at all' else '{"type":"ese.parcels.nobody-listens.v1"}' end, 'UTF8'), true,
                        case when n <= {{Letters}} then now() end
                    from generate_series(1, 2 * {{Letters}}) n returning 1)
                select count(*) from letters
                """);
            var runs = team.Services.GetRequiredService<RedriveRuns>();
            run = await runs.Request(new DeadLetterFilter(), CancellationToken.None);
            team.Services.GetRequiredService<RedriveDriver>().Wake();
            var ended = await Eventually.Within(Limit, async () => (await runs.Find(run, CancellationToken.None))!, found => found.FinishedAt is not null, "it to end");
            (ended.Letters, ended.Redriven, ended.Failed).ShouldBe((Letters, Letters / 2, Letters / 2));
        }

        // A session says what it has read when it ends.
        var read = await Eventually.Within(
            Limit, () => Ask<long>("select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint from pg_stat_user_tables where schemaname = 'ese' and relname in ('dead_letters', 'redrive_failures')"),
            rows => rows > Letters, "the statistics");
        read.ShouldBeLessThan(50 * Letters);
    }
}
