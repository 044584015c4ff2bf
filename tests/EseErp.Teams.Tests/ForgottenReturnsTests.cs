using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.EventStore;
using EseErp.Launcher;
using EseErp.Teams.Tests.Running;
using EseErp.Tracking;
using EseErp.Tracking.Data;
using EseErp.Tracking.Returns;
using EseErp.Tracking.Timeline;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EseErp.Teams.Tests;

/// <summary>The way out of Tracking's tables, as docs/growth.md has it, word for word.</summary>
public sealed class ForgottenReturnsTests
{
    [Fact]
    public async Task Should_forget_returns_that_ended_long_ago_with_their_timeline_and_no_others()
    {
        await using var tracking = await TeamInProcess.Start("tracking", builder => builder.AddTracking());
        foreach (var returnId in new[] { "RMA-open", "RMA-old", "RMA-young" })
            await tracking.Work(services =>
            {
                var tracked = new TrackedReturn { ReturnId = returnId, Mode = CoordinationMode.Event };
                tracked.Apply(new ReplacementDelivered(returnId), tracking.Clock.GetUtcNow());
                services.GetRequiredService<TrackingDb>().Returns.Add(tracked);
                services.GetRequiredService<TimelineRows>().Add(new TimelineEntry
                {
                    EventId = Guid.CreateVersion7(), ReturnId = returnId, Time = tracking.Clock.GetUtcNow(), Team = "inventory",
                    Type = "ese.inventory.replacement-delivered.v1", Summary = "It was delivered", CorrelationId = "correlation", Coordination = Coordination.Event, Data = "{}",
                });
                return Task.CompletedTask;
            });
        await Say(tracking, "update returns set closed_at = now() - interval '401 days' where return_id = 'RMA-old'; update returns set closed_at = now() - interval '399 days' where return_id = 'RMA-young'");

        await Say(tracking, Procedure("Forget old returns in Tracking"));

        (await Say(tracking, "select string_agg(return_id, ', ' order by return_id) from returns")).ShouldBe("RMA-open, RMA-young");
        (await Say(tracking, "select string_agg(return_id, ', ' order by return_id) from timeline")).ShouldBe("RMA-open, RMA-young");
    }

    private static string Procedure(string heading)
    {
        var document = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "growth.md"));
        var section = document[document.IndexOf($"## {heading}\n", StringComparison.Ordinal)..];
        var begin = section.IndexOf("```sql\n", StringComparison.Ordinal) + "```sql\n".Length;
        return section[begin..section.IndexOf("```\n", begin, StringComparison.Ordinal)];
    }

    private static async Task<object?> Say(TeamInProcess team, string sql)
    {
        await using var connection = new NpgsqlConnection(team.Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
