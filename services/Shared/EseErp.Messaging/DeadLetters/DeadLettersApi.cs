using System.ComponentModel.DataAnnotations;
using System.Text;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace EseErp.Messaging;

/// <summary>A dead letter, for people.</summary>
/// <param name="Value">The original bytes as text, as far as they are UTF-8; at most 10,000 characters.</param>
public sealed record DeadLetterView(
    long Id, string Topic, int Partition, long Offset, string Key, string? Type, Guid? EventId, DeadLetterReason Reason, string Error,
    string? Exception, int Attempts, DateTimeOffset DeadAt, DateTimeOffset? RedrivenAt, string Value)
{
    private const int MostCharacters = 10_000;

    internal static DeadLetterView Of(DeadLetter letter)
    {
        var text = Encoding.UTF8.GetString(letter.Value);
        return new DeadLetterView(
            letter.Id, letter.Topic, letter.Partition, letter.Offset, letter.Key, letter.Type, letter.EventId, letter.Reason, letter.Error,
            letter.Exception, letter.Attempts, letter.DeadAt, letter.RedrivenAt, text.Length > MostCharacters ? text[..MostCharacters] : text);
    }
}

/// <summary>Which dead letters to re-drive; what is left out does not restrict. Nothing at all: every one.</summary>
public sealed record RedriveRequest(
    [property: StringLength(200)] string? Topic = null,
    [property: StringLength(200)] string? Key = null,
    [property: StringLength(200)] string? Type = null,
    DeadLetterReason? Reason = null);

/// <summary>Every service that consumes shows what it could not apply, and applies it again once the cause is mended.</summary>
public static class DeadLettersApi
{
    internal static void MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/dead-letters").WithTags("Dead letters");
        group.MapGet("/", List).WithSummary("List dead letters, oldest first; only those still waiting unless all are asked for");
        group.MapGet("/{id:long}", Get).WithSummary("Read a dead letter with its exception and original bytes");
        group.MapPost("/{id:long}/redrive", RedriveOne).WithSummary("Apply a dead letter's key again, from its first waiting letter on")
            .WithDescription("Order per key holds, so the letters of the same key go in the order they came. Ends at the first that fails again.");
        group.MapPost("/redrive", Redrive).WithSummary("Apply dead letters again, all or by filter")
            .WithDescription("Each key that has a matching letter is re-driven from its first waiting letter on. What was applied before is not applied twice.")
            .WithExample(new RedriveRequest());
    }

    private static async Task<Results<Ok<Page<DeadLetterView>>, BadRequestProblem>> List(
        DeadLetters letters, [AsParameters] Paging paging, CancellationToken cancellationToken,
        [StringLength(200)] string? topic = null, [StringLength(200)] string? key = null, [StringLength(200)] string? type = null,
        DeadLetterReason? reason = null, bool all = false)
    {
        var after = 0L;
        if (paging.After is not null && (!long.TryParse(paging.After, out after) || after < 0))
            return Problems.BadRequest("after", "is not a cursor of this list.");
        var read = await letters.List(new DeadLetterFilter(after, topic, key, type, reason, !all), paging.Size + 1, cancellationToken);
        return TypedResults.Ok(Page.Of(read.Select(DeadLetterView.Of), paging.Size, letter => letter.Id.ToString()));
    }

    private static async Task<Results<Ok<DeadLetterView>, NotFoundProblem>> Get(long id, DeadLetters letters, CancellationToken cancellationToken) =>
        await letters.Find(id, cancellationToken) is { } letter
            ? TypedResults.Ok(DeadLetterView.Of(letter))
            : Problems.NotFound("dead letter", id.ToString());

    private static async Task<Results<Ok<RedriveResult>, NotFoundProblem, ConflictProblem>> RedriveOne(
        long id, DeadLetters letters, DeadLetterRedrive redrive, CancellationToken cancellationToken)
    {
        if (await letters.Find(id, cancellationToken) is not { } letter) return Problems.NotFound("dead letter", id.ToString());
        if (letter.RedrivenAt is not null) return Problems.Conflict($"This letter was re-driven at {letter.RedrivenAt:O}.");
        var (redriven, failure) = await redrive.RedriveKey(letter.Topic, letter.Key, cancellationToken);
        return TypedResults.Ok(new RedriveResult(redriven, failure is null ? [] : [failure]));
    }

    private static async Task<Ok<RedriveResult>> Redrive(RedriveRequest request, DeadLetterRedrive redrive, CancellationToken cancellationToken) =>
        TypedResults.Ok(await redrive.Redrive(new DeadLetterFilter(0, request.Topic, request.Key, request.Type, request.Reason), cancellationToken));
}
