using System.Net;
using System.Net.Http.Json;
using EseErp.EventStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using static EseErp.Messaging.Tests.EventStoreFixture;

namespace EseErp.Messaging.Tests;

public sealed class IdempotencyTests : IClassFixture<TestDatabases>, IAsyncLifetime
{
    private static readonly HttpClient Http = new();
    private readonly TestDatabases _databases;
    private Team _team = null!;
    private int _runs;
    private bool _refuse;

    public IdempotencyTests(TestDatabases databases) => _databases = databases;

    public async Task InitializeAsync() =>
        _team = await Team.Start(await _databases.CreateDatabase(), map: app => app.MapPost("/parcels", Send).InTransaction());

    public async Task DisposeAsync() => await _team.DisposeAsync();

    [Fact]
    public async Task Should_run_one_of_20_concurrent_requests_and_answer_all_alike()
    {
        var parcel = new ParcelSent(NewStream(), 1);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Post(parcel, "key")));

        answers.Select(answer => answer.Status).Distinct().ShouldBe([HttpStatusCode.Created]);
        answers.Select(answer => answer.Body).Distinct().Count().ShouldBe(1);
        answers.Select(answer => answer.Location).Distinct().ShouldBe([$"/parcels/{parcel.ReturnId}"]);
        answers.Select(answer => answer.ContentType).Distinct().Count().ShouldBe(1);
        _runs.ShouldBe(1);
        (await _team.Receipts()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Should_refuse_the_same_key_with_another_body()
    {
        var stream = NewStream();
        (await Post(new ParcelSent(stream, 1), "key")).Status.ShouldBe(HttpStatusCode.Created);

        (await Post(new ParcelSent(stream, 2), "key")).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);

        (await _team.Receipts()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Should_leave_a_key_free_for_a_corrected_request_after_a_4xx()
    {
        var stream = NewStream();
        (await Post(new ParcelSent(stream, -1), "key")).Status.ShouldBe(HttpStatusCode.BadRequest);

        (await Post(new ParcelSent(stream, 1), "key")).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Should_give_a_conflict_again()
    {
        _refuse = true;
        var parcel = new ParcelSent(NewStream(), 1);
        var first = await Post(parcel, "key");
        _refuse = false;

        var second = await Post(parcel, "key");

        first.Status.ShouldBe(HttpStatusCode.Conflict);
        second.ShouldBe(first);
    }

    [Fact]
    public async Task Should_run_every_request_without_a_key()
    {
        var parcel = new ParcelSent(NewStream(), 1);
        await Post(parcel, null);
        await Post(parcel, null);
        (await _team.Receipts()).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    [InlineData("long")]
    public async Task Should_refuse_a_key_that_is_none(string key) =>
        (await Post(new ParcelSent(NewStream(), 1), key == "long" ? new string('x', 201) : key)).Status.ShouldBe(HttpStatusCode.BadRequest);

    [Fact]
    public async Task Should_not_run_a_request_whose_first_is_still_being_worked_on()
    {
        var parcel = new ParcelSent(NewStream(), 1);
        // What a process leaves behind that keeps its claim first and answers later.
        await _team.Work(async provider =>
        {
            var (keys, hash) = (provider.GetRequiredService<IdempotencyKeys>(), IdempotencyKeys.Hash(parcel, JsonOptions));
            (await keys.Claim("key", "POST /parcels", hash, CancellationToken.None)).ShouldBeOfType<KeyClaim.Claimed>();
            keys.Keep("key", "POST /parcels", hash, null);
        });

        (await Post(parcel, "key")).Status.ShouldBe(HttpStatusCode.Conflict);

        _runs.ShouldBe(0);
    }

    [Fact]
    public async Task Should_answer_after_a_lost_race_as_if_it_had_never_been()
    {
        var parcel = new ParcelSent(NewStream(), 100);

        var answer = await Post(parcel, "key");

        answer.Status.ShouldBe(HttpStatusCode.Created);
        _runs.ShouldBe(2);
        (await _team.Receipts()).Count.ShouldBe(1);
    }

    private System.Text.Json.JsonSerializerOptions JsonOptions =>
        _team.Services.GetRequiredService<Microsoft.Extensions.Options.IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>>().Value.SerializerOptions;

    private Results<Created<ParcelSent>, BadRequest, Conflict<string>> Send(ParcelSent parcel, ParcelDb db)
    {
        var run = Interlocked.Increment(ref _runs);
        if (parcel.Number < 0) return TypedResults.BadRequest();
        if (_refuse) return TypedResults.Conflict("no room");
        db.Receipts.Add(new Receipt { ReturnId = parcel.ReturnId, Number = run });
        if (parcel.Number == 100 && run == 1) throw new VersionConflictException();
        return TypedResults.Created($"/parcels/{parcel.ReturnId}", parcel);
    }

    private async Task<Answer> Post(ParcelSent parcel, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_team.Address, "/parcels")) { Content = JsonContent.Create(parcel) };
        if (key is not null) request.Headers.TryAddWithoutValidation(IdempotencyKeys.Header, key);
        using var response = await Http.SendAsync(request);
        return new Answer(
            response.StatusCode, response.Headers.Location?.ToString(), response.Content.Headers.ContentType?.ToString(),
            await response.Content.ReadAsStringAsync());
    }

    private sealed record Answer(HttpStatusCode Status, string? Location, string? ContentType, string Body);
}
