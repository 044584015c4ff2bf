using EseErp.UserSupport.Traditional;

namespace EseErp.Domain.Tests.UserSupport;

public sealed class DriveQueueTests
{
    [Fact]
    public async Task Should_let_requests_take_turns()
    {
        using var queue = new DriveQueue();
        queue.Add(["A1", "A2", "A3"]);
        queue.Add(["B1"]);
        queue.Add(["C1", "C2"]);

        var taken = new List<string>();
        for (var each = 0; each < 6; each++) taken.Add(await queue.Take(CancellationToken.None));
        taken.ShouldBe(["A1", "B1", "C1", "A2", "C2", "A3"]);
    }

    [Fact]
    public async Task Should_wait_for_what_is_added_later()
    {
        using var queue = new DriveQueue();
        var waiting = queue.Take(CancellationToken.None);
        waiting.IsCompleted.ShouldBeFalse();
        queue.Add(["A"]);
        (await waiting).ShouldBe("A");
    }
}
