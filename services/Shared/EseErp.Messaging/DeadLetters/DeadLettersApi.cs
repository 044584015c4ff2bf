using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace EseErp.Messaging;

/// <summary>A dead letter, for people.</summary>
/// <param name="RedrivenAt">When it was applied after all; null: not.</param>
/// <param name="DiscardedAt">When a person decided that it is not applied; null: not.</param>
/// <param name="Value">The original bytes as text, as far as they are UTF-8; at most 10,000 characters.</param>
public sealed record DeadLetterView(
    long Id, string Topic, int Partition, long Offset, string Key, string? Type, Guid? EventId, DeadLetterReason Reason, string Error,
    string? Exception, int Attempts, DateTimeOffset DeadAt, DateTimeOffset? RedrivenAt, DateTimeOffset? DiscardedAt, string? DiscardedBy,
    string? DiscardReason, string Value)
{
    private const int MostCharacters = 10_000;

    internal static DeadLetterView Of(DeadLetter letter)
    {
        var text = Encoding.UTF8.GetString(letter.Value);
        return new DeadLetterView(
            letter.Id, letter.Topic, letter.Partition, letter.Offset, letter.Key, letter.Type, letter.EventId, letter.Reason, letter.Error,
            letter.Exception, letter.Attempts, letter.DeadAt, letter.RedrivenAt, letter.DiscardedAt, letter.DiscardedBy, letter.DiscardReason,
            text.Length > MostCharacters ? text[..MostCharacters] : text);
    }
}

/// <summary>How many letters are open.</summary>
public sealed record DeadLetterCount(long Open);

/// <summary>Which dead letters to re-drive; without any filter: all.</summary>
public sealed record RedriveRequest(
    [property: StringLength(200)] string? Topic = null,
    [property: StringLength(200)] string? Key = null,
    [property: StringLength(200)] string? Type = null,
    DeadLetterReason? Reason = null);

/// <summary>What came of a re-drive of one key.</summary>
/// <param name="Redriven">Letters applied, or found to be applied before.</param>
/// <param name="Failed">The letter that failed again, if any; what is behind it still waits.</param>
public sealed record RedriveResult(int Redriven, IReadOnlyList<RedriveFailure> Failed);

/// <summary>A re-drive of many letters: how far it is, or what came of it.</summary>
/// <param name="State"><c>Running</c> or <c>Finished</c>.</param>
/// <param name="Letters">How many open letters match; others of their keys go with them.</param>
/// <param name="Redriven">Letters applied so far, or found to be applied before.</param>
/// <param name="FailedKeys">Keys with a letter that failed again; what is behind it still waits.</param>
/// <param name="Failed">Those letters, at most 500 of them.</param>
public sealed record RedriveRunView(
    long Id, string State, RedriveRequest Asked, long Letters, long Redriven, long FailedKeys, IReadOnlyList<RedriveFailure> Failed, DateTimeOffset RequestedAt,
    DateTimeOffset? FinishedAt)
{
    internal static RedriveRunView Of(RedriveRun run, IReadOnlyList<RedriveFailure> failed) => new(
        run.Id, run.FinishedAt is null ? "Running" : "Finished", new RedriveRequest(run.Filter.Topic, run.Filter.Key, run.Filter.Type, run.Filter.Reason),
        run.Letters, run.Redriven, run.Failed, failed, run.RequestedAt, run.FinishedAt);
}

/// <summary>Discards a letter.</summary>
/// <param name="Reason">Why its record is never applied; for people.</param>
/// <param name="By">Who decided so.</param>
public sealed record DiscardRequest([property: Required, StringLength(500)] string Reason, [property: Required, StringLength(200)] string By);

/// <summary>A discarded letter.</summary>
/// <param name="Redriven">How many that waited behind it were applied.</param>
/// <param name="Failed">The one of them that failed, if one did.</param>
public sealed record DiscardResult(DeadLetterView Letter, int Redriven, IReadOnlyList<RedriveFailure> Failed);

/// <summary>Every service that consumes shows what it could not apply, and applies it again once the cause is repaired.</summary>
public static class DeadLettersApi
{
    private const int MostGroups = 500;

    /// <summary>A re-drive that takes longer continues without a waiting caller.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    internal static void MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/dead-letters").WithTags("Dead letters").WithParameterExample("id", "1").SparedByFaults();
        group.MapGet("/", List).WithSummary("List dead letters, oldest first; only those still open unless all are asked for");
        group.MapGet("/count", Count).WithSummary("How many dead letters are open");
        group.MapGet("/groups", Groups).WithSummary("What the dead letters have in common: reason, event type and failure, the most first")
            .WithDescription("At most 500 groups. `error` is the first line of the error, without ids and numbers.");
        group.MapGet("/{id:long}", Get).WithSummary("Read a dead letter with its exception and original bytes");
        group.MapPost("/{id:long}/redrive", RedriveOne).WithSummary("Apply a dead letter's key again, from its first open letter on")
            .WithDescription("Order per key is kept: the letters of a key go in the order in which they came. It ends at the first one that fails again. A letter without a key goes alone.");
        group.MapPost("/{id:long}/discard", Discard).WithSummary("Decide that a dead letter is never applied")
            .WithDescription("The letter is kept with who decided and why. What waits behind it is applied then, if nothing else blocks it.")
            .WithExample(new DiscardRequest("Not an event: somebody tried the topic out.", "Erika Mustermann"));
        group.MapPost("/redrive", Redrive).WithSummary("Apply dead letters again, all or by filter")
            .WithDescription("Each key with a matching letter is re-driven from its first open letter on. What was applied before is not applied twice. "
                + "Answers 200 with the outcome, or 202 after ten seconds. Then it continues, also after a restart of the service; `GET /dead-letters/redrives/{id}` shows the progress.")
            .WithExample(new RedriveRequest(Reason: DeadLetterReason.Exhausted));
        group.MapGet("/redrives", Redrives).WithSummary("List re-drives of many letters, the latest first");
        group.MapGet("/redrives/{id:long}", GetRedrive).WithSummary("Read how far a re-drive is, or what came of it");
    }

    private static async Task<Results<Ok<Page<DeadLetterView>>, BadRequestProblem>> List(
        DeadLetters letters, [AsParameters] Paging paging, CancellationToken cancellationToken,
        [StringLength(200), Description("Only letters of this topic.")] string? topic = null,
        [StringLength(200), Description("Only letters of this key, which is the return id.")] string? key = null,
        [StringLength(200), Description("Only letters of this event type.")] string? type = null,
        DeadLetterReason? reason = null,
        [Description("Also letters that were re-driven or discarded.")] bool all = false)
    {
        if (Cursor(paging, 0) is not { } after) return Problems.BadRequest("after", "is not a cursor of this list.");
        var read = await letters.List(new DeadLetterFilter(after, topic, key, type, reason, !all), paging.Size + 1, cancellationToken);
        return TypedResults.Ok(Page.Of(read.Select(DeadLetterView.Of), paging.Size, letter => letter.Id.ToString()));
    }

    private static async Task<Ok<DeadLetterCount>> Count(DeadLetters letters, CancellationToken cancellationToken) =>
        TypedResults.Ok(new DeadLetterCount(await letters.CountOpen(cancellationToken)));

    private static async Task<Ok<IReadOnlyList<DeadLetterGroup>>> Groups(
        DeadLetters letters, CancellationToken cancellationToken, [Description("Also letters that were re-driven or discarded.")] bool all = false) =>
        TypedResults.Ok(await letters.Groups(!all, MostGroups, cancellationToken));

    private static async Task<Results<Ok<DeadLetterView>, NotFoundProblem>> Get(long id, DeadLetters letters, CancellationToken cancellationToken) =>
        await letters.Find(id, cancellationToken) is { } letter
            ? TypedResults.Ok(DeadLetterView.Of(letter))
            : Problems.NotFound("dead letter", id.ToString());

    private static async Task<Results<Ok<RedriveResult>, NotFoundProblem, ConflictProblem>> RedriveOne(
        long id, DeadLetters letters, DeadLetterRedrive redrive, CancellationToken cancellationToken)
    {
        if (await letters.Find(id, cancellationToken) is not { } letter) return Problems.NotFound("dead letter", id.ToString());
        if (Closed(letter) is { } closed) return closed;
        var (redriven, failure) = await redrive.Redrive(letter, null, null, cancellationToken);
        return TypedResults.Ok(new RedriveResult(redriven, failure is null ? [] : [failure]));
    }

    private static async Task<Results<Ok<DiscardResult>, NotFoundProblem, ConflictProblem>> Discard(
        long id, DiscardRequest request, DeadLetters letters, DeadLetterRedrive redrive, CancellationToken cancellationToken)
    {
        if (await letters.Find(id, cancellationToken) is not { } letter) return Problems.NotFound("dead letter", id.ToString());
        if (Closed(letter) is { } closed) return closed;
        var (outcome, redriven, failure) = await redrive.Discard(letter, request.Reason, request.By, cancellationToken);
        var now = (await letters.Find(id, cancellationToken))!;
        return outcome == DiscardOutcome.ClosedBefore
            ? Closed(now)!
            : TypedResults.Ok(new DiscardResult(DeadLetterView.Of(now), redriven, failure is null ? [] : [failure]));
    }

    private static async Task<Results<Ok<RedriveRunView>, Accepted<RedriveRunView>>> Redrive(
        RedriveRequest request, RedriveRuns runs, RedriveDriver driver, TimeProvider clock, CancellationToken cancellationToken)
    {
        var id = await runs.Request(new DeadLetterFilter(0, request.Topic, request.Key, request.Type, request.Reason), cancellationToken);
        driver.Wake();
        var started = clock.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(20); ; pause = TimeSpan.FromMilliseconds(Math.Min(500, 2 * pause.TotalMilliseconds)))
        {
            var run = (await runs.Find(id, cancellationToken))!;
            if (run.FinishedAt is not null || clock.GetElapsedTime(started) > Patience)
            {
                var view = RedriveRunView.Of(run, await runs.Failures(id, cancellationToken));
                return run.FinishedAt is not null ? TypedResults.Ok(view) : TypedResults.Accepted($"/dead-letters/redrives/{id}", view);
            }

            await Task.Delay(pause, cancellationToken);
        }
    }

    private static async Task<Results<Ok<Page<RedriveRunView>>, BadRequestProblem>> Redrives(
        RedriveRuns runs, [AsParameters] Paging paging, CancellationToken cancellationToken)
    {
        if (Cursor(paging, long.MaxValue) is not { } before) return Problems.BadRequest("after", "is not a cursor of this list.");
        var read = await runs.List(before, paging.Size + 1, cancellationToken);
        // Which letters failed is told of a single one.
        return TypedResults.Ok(Page.Of(read.Select(run => RedriveRunView.Of(run, [])), paging.Size, run => run.Id.ToString()));
    }

    private static async Task<Results<Ok<RedriveRunView>, NotFoundProblem>> GetRedrive(long id, RedriveRuns runs, CancellationToken cancellationToken) =>
        await runs.Find(id, cancellationToken) is { } run
            ? TypedResults.Ok(RedriveRunView.Of(run, await runs.Failures(id, cancellationToken)))
            : Problems.NotFound("re-drive", id.ToString());

    private static ConflictProblem? Closed(DeadLetter letter) =>
        letter.RedrivenAt is { } redriven ? Problems.Conflict($"This letter was re-driven at {redriven:O}.")
        : letter.DiscardedAt is { } discarded ? Problems.Conflict($"This letter was discarded at {discarded:O} by {letter.DiscardedBy}: {letter.DiscardReason}")
        : null;

    private static long? Cursor(Paging paging, long start) =>
        paging.After is null ? start : long.TryParse(paging.After, NumberStyles.None, CultureInfo.InvariantCulture, out var cursor) ? cursor : null;
}
