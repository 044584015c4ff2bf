using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EseErp.EventStore;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static EseErp.Messaging.Tests.EventStoreFixture;

namespace EseErp.Messaging.Tests;

public sealed class IdempotencyTests : IClassFixture<TestDatabases>, IAsyncLifetime
{
    private static readonly HttpClient Http = new();
    private readonly TestDatabases _databases;
    private Team _team = null!;
    private int _runs;
    private bool _refuse;
    private string _database = "";

    public IdempotencyTests(TestDatabases databases) => _databases = databases;

    public async Task InitializeAsync() =>
        _team = await Team.Start(_database = await _databases.CreateDatabase(), map: app => Map(app, Send));

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
            var (keys, asked) = (provider.GetRequiredService<IdempotencyKeys>(), Asked(Json(parcel)));
            (await keys.Claim("key", asked, CancellationToken.None)).ShouldBeOfType<KeyClaim.Claimed>();
            keys.Keep("key", asked, null);
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

    [Theory]
    [InlineData("/parcels/")]
    [InlineData("/Parcels")]
    [InlineData("/PARCELS/")]
    [InlineData("/%70arcels")]
    public async Task Should_run_once_what_comes_under_another_spelling_of_the_address(string address)
    {
        var parcel = new ParcelSent(NewStream(), 1);
        var first = await Post(parcel, "key");

        (await Post(Json(parcel), "key", address)).ShouldBe(first);

        _runs.ShouldBe(1);
    }

    [Fact]
    public async Task Should_tell_resources_of_one_route_apart()
    {
        var (one, other) = (Guid.NewGuid(), Guid.NewGuid());

        var first = await Post("{}", "key", $"/shelves/{one}/sweep");
        (await Post("{}", "key", $"/Shelves/{one.ToString().ToUpperInvariant()}/sweep/")).ShouldBe(first);
        (await Post("{}", "key", $"/shelves/{other}/sweep")).Status.ShouldBe(HttpStatusCode.OK);

        _runs.ShouldBe(2);
    }

    [Fact]
    public async Task Should_answer_a_retry_as_before_after_the_contract_got_an_optional_member()
    {
        var parcel = new ParcelSent(NewStream(), 1);
        var first = await Post(parcel, "key");

        await using var next = await Team.Start(_database, map: app => Map(app, SendNext));
        (await Post(Json(parcel), "key", team: next)).ShouldBe(first);

        _runs.ShouldBe(1);
        (await Post(Json(parcel).Replace("}", ",\"note\":\"fragile\"}", StringComparison.Ordinal), "key", team: next)).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Should_take_another_spelling_of_the_body_for_the_same()
    {
        var stream = NewStream();
        var first = await Post($$"""{"returnId":"{{stream}}","number":1}""", "key");

        (await Post($$"""  { "number" : 1, "returnId" : "\u0052{{stream[1..]}}" }  """, "key")).ShouldBe(first);
    }

    [Theory]
    [InlineData("1", "1.0", true)]
    [InlineData("-1.50", "-15e-1", true)]
    [InlineData("1200", "1.2E+3", true)]
    [InlineData("0", "-0.00e7", true)]
    [InlineData("12345678901234567890123456789012345678901", "12345678901234567890123456789012345678902", false)]
    [InlineData("1", "\"1\"", false)]
    [InlineData("{}", """{"a":null}""", false)]
    [InlineData("[1,2]", "[2,1]", false)]
    [InlineData("""{"a":1,"b":{"c":2,"d":3}}""", """{"b":{"d":3,"c":2},"a":1}""", true)]
    public void Should_compare_what_two_texts_say(string one, string other, bool same) =>
        Hashed(one).SequenceEqual(Hashed(other)).ShouldBe(same);

    [Fact]
    public async Task Should_go_on_under_a_key_whose_answer_was_that_a_team_is_away()
    {
        var asked = Asked("{}");
        await _team.Work(provider =>
        {
            provider.GetRequiredService<IdempotencyKeys>().Keep("key", asked, "RMA-1");
            return Task.CompletedTask;
        });
        // Earlier versions stored such an answer.
        await using (var connection = new NpgsqlConnection(_database))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("update ese.idempotency_keys set status = 502, body = '{}'", connection);
            await command.ExecuteNonQueryAsync();
        }

        await _team.Work(async provider =>
        {
            var keys = provider.GetRequiredService<IdempotencyKeys>();
            (await keys.Claim("key", asked, CancellationToken.None)).ShouldBe(new KeyClaim.InProgress("RMA-1"));
        });
        foreach (var status in new[] { 504, 201, 409 })
        {
            await using var scope = _team.Services.CreateAsyncScope();
            var given = await scope.ServiceProvider.GetRequiredService<IdempotencyKeys>().AnswerLater("key", asked, new StoredAnswer(status, null, "{}"), CancellationToken.None);
            given.Status.ShouldBe(status == 409 ? 201 : status);
        }
    }

    [Fact]
    public async Task Should_answer_under_a_key_that_an_earlier_version_stored()
    {
        // It hashed what the contract made of the body, which cannot be made again.
        var asked = new IdempotentRequest("POST /parcels", SHA256.HashData([1]));
        await _team.Work(provider =>
        {
            provider.GetRequiredService<IdempotencyKeys>().Answer("key", asked, new StoredAnswer(201, "/parcels/RMA-1", "{}"));
            return Task.CompletedTask;
        });

        (await Post(new ParcelSent(NewStream(), 1), "key")).Location.ShouldBe("/parcels/RMA-1");

        _runs.ShouldBe(0);
    }

    private void Map(WebApplication app, Delegate send)
    {
        // As the intake of a service does.
        app.Use(async (http, next) =>
        {
            if (http.Request.ContentLength > 0) await BufferedBody.ReadAsync(http, 10_000);
            await next(http);
        });
        app.MapPost("/parcels", send).InTransaction();
        app.MapPost("/shelves/{shelf}/sweep", Sweep).InTransaction();
    }

    private static byte[] Hashed(string json) => CanonicalJson.Hash(Encoding.UTF8.GetBytes(json));

    private static IdempotentRequest Asked(string json) => new("POST /parcels", Hashed(json));

    private static string Json(ParcelSent parcel) => JsonSerializer.Serialize(parcel, JsonSerializerOptions.Web);

    /// <summary>A parcel as the next version of the contract has it.</summary>
    public sealed record ParcelSentNext(string ReturnId, int Number, bool Acknowledge = false, string? Note = null);

    private Results<Created<ParcelSent>, BadRequest, Conflict<string>> SendNext(ParcelSentNext parcel, ParcelDb db) =>
        Send(new ParcelSent(parcel.ReturnId, parcel.Number, parcel.Acknowledge), db);

    private Ok<int> Sweep(Guid shelf) => TypedResults.Ok(Interlocked.Increment(ref _runs));

    private Results<Created<ParcelSent>, BadRequest, Conflict<string>> Send(ParcelSent parcel, ParcelDb db)
    {
        var run = Interlocked.Increment(ref _runs);
        if (parcel.Number < 0) return TypedResults.BadRequest();
        if (_refuse) return TypedResults.Conflict("no room");
        db.Receipts.Add(new Receipt { ReturnId = parcel.ReturnId, Number = run });
        if (parcel.Number == 100 && run == 1) throw new VersionConflictException();
        return TypedResults.Created($"/parcels/{parcel.ReturnId}", parcel);
    }

    private Task<Answer> Post(ParcelSent parcel, string? key) => Post(Json(parcel), key);

    private async Task<Answer> Post(string body, string? key, string address = "/parcels", Team? team = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri((team ?? _team).Address, address))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (key is not null) request.Headers.TryAddWithoutValidation(IdempotencyKeys.Header, key);
        using var response = await Http.SendAsync(request);
        return new Answer(
            response.StatusCode, response.Headers.Location?.ToString(), response.Content.Headers.ContentType?.ToString(),
            await response.Content.ReadAsStringAsync());
    }

    private sealed record Answer(HttpStatusCode Status, string? Location, string? ContentType, string Body);
}
