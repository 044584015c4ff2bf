using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.EntityFrameworkCore;
using static EseErp.Registry.Tests.RunningRegistry;

namespace EseErp.Registry.Tests;

/// <summary>What is promised of the stored history, on a real PostgreSQL.</summary>
public sealed class RegistryStorageTests(RunningRegistry registry) : IClassFixture<RunningRegistry>
{
    // A change of each kind: patches that set, remove and nest; documents with nulls; deleting, which the next brings back.
    private static readonly string[] Changes =
    [
        """patch {"price":1}""", """patch {"price":2,"state":"Idle"}""", """patch {"price":null}""", """patch {"size":{"width":3,"height":4}}""",
        """patch {"size":{"height":null}}""", """patch {"size":null}""", """patch {"tools":[{"name":"x","wear":0.1}]}""",
        """patch {"tools":[{"name":"x","wear":0.2}]}""", """patch {"tools":[]}""", """patch {}""",
        """put {"name":"A","boughtOn":null,"size":{"width":1,"height":null}}""", """put {"name":"B"}""", """put {"name":"A","tools":[{"name":"y","wear":null}]}""",
        "delete",
    ];

    private static readonly Arbitrary<string[]> Lives = Gen.Elements(Changes).ArrayOf(40).ToArbitrary();

    [Fact]
    public void Should_read_as_of_any_version_what_replaying_the_changes_gives() =>
        Prop.ForAll(Lives, life => Live(life).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(12));

    [Fact]
    public async Task Should_let_one_of_many_writers_win_and_tell_the_others()
    {
        var code = await Create();
        var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(writer =>
            registry.Send("PATCH", $"/{code}", $$"""{"price":{{writer}}}""", "\"1\"", user: $"writer {writer}")));
        answers.Count(answer => answer.Status == 200).ShouldBe(1);
        answers.Count(answer => answer.Status == 412).ShouldBe(7);
        var stored = (await registry.Send("GET", $"/{code}")).Expect(200);
        stored.Document.ShouldBe(answers.Single(answer => answer.Status == 200).Document);
        stored.ETag.ShouldBe("\"2\"");
    }

    [Fact]
    public async Task Should_create_an_entity_once_whoever_races()
    {
        var code = NewCode();
        var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(writer => registry.Send("POST", "", $$"""{"code":"{{code}}","name":"{{writer}}"}""")));
        answers.Count(answer => answer.Status == 201).ShouldBe(1);
        answers.Count(answer => answer.Status == 409).ShouldBe(7);
        (await registry.Count($"""select count(*)::int as "Value" from ese.registry_versions where id = {code}""")).ShouldBe(1);
    }

    [Fact]
    public async Task Should_store_the_difference_and_the_whole_only_now_and_then()
    {
        var code = await Create();
        for (var price = 1; price <= 12; price++) await registry.Send("PATCH", $"/{code}", $$"""{"price":{{price}}}""", "*");
        (await registry.Query(db => db.Database.SqlQuery<int>(
            $"""select version as "Value" from ese.registry_versions where id = {code} and snapshot is not null order by version""").ToListAsync()))
            .ShouldBe([1, 5, 10]);
        (await registry.Query(db => db.Database.SqlQuery<string>(
            $"""select diff::text as "Value" from ese.registry_versions where id = {code} and version = 7""").SingleAsync()))
            .ShouldBe("""{"set":{"/price":6}}""");
    }

    [Fact]
    public async Task Should_never_change_history()
    {
        var code = await Create();
        var failure = await Should.ThrowAsync<Npgsql.PostgresException>(() =>
            registry.Query(db => db.Database.ExecuteSqlAsync($"update ese.registry_versions set changed_by = 'nobody' where id = {code}")));
        failure.MessageText.ShouldContain("append-only");
    }

    [Fact]
    public async Task Should_keep_typed_rows_in_step_in_the_same_transaction()
    {
        var code = await Create();
        (await Row(code)).ShouldBe("Lathe");
        await registry.Send("PATCH", $"/{code}", """{"name":"Mill"}""", "*");
        (await Row(code)).ShouldBe("Mill");

        await Should.ThrowAsync<InvalidOperationException>(() => registry.Work(desk => desk.Patch(
            registry.Machines, code, Precondition.Any, JsonElement.Parse($$"""{"name":"{{MachineRows.Unlucky}}"}"""), "ada", CancellationToken.None)));
        (await Row(code)).ShouldBe("Mill");
        (await registry.Send("GET", $"/{code}")).Expect(200).ETag.ShouldBe("\"2\"");

        await registry.Send("DELETE", $"/{code}", ifMatch: "*");
        (await Row(code)).ShouldBeNull();
    }

    [Fact]
    public async Task Should_add_what_is_missing_as_sets_and_leave_the_rest()
    {
        var (changed, deleted) = (await Create(), await Create());
        await registry.Send("PATCH", $"/{changed}", """{"price":9}""", "*");
        await registry.Send("DELETE", $"/{deleted}", ifMatch: "*");
        var prefix = NewCode()[..12];
        var machines = Enumerable.Range(0, 6_000).Select(number => new Machine($"{prefix}-{number}", $"Machine {number}"))
            .Append(new Machine(changed, "Seeded")).Append(new Machine(deleted, "Seeded")).ToList();

        (await registry.Work(desk => desk.AddMissing(machines, "demo-data", CancellationToken.None))).ShouldBe(6_000);
        (await registry.Work(desk => desk.AddMissing(machines, "demo-data", CancellationToken.None))).ShouldBe(0);

        var one = (await registry.Send("GET", $"/{prefix}-4711/history")).Expect(200).Body["items"]!.AsArray().ShouldHaveSingleItem()!;
        ((int)one["version"]!, (string?)one["changedBy"], one["changes"]!.AsArray().Count).ShouldBe((1, "demo-data", 2));
        (await Row($"{prefix}-4711")).ShouldBe("Machine 4711");
        (await registry.Send("GET", $"/{changed}")).Expect(200).ETag.ShouldBe("\"2\"");
        (await registry.Send("GET", $"/{deleted}")).Expect(404);
        (await Row(deleted)).ShouldBeNull();
        await Should.ThrowAsync<InvalidOperationException>(() => registry.Work(desk => desk.AddMissing([new Machine("M 1", "x")], "demo-data", CancellationToken.None)));
    }

    private async Task Live(string[] life)
    {
        var code = NewCode();
        // What the document should be as of each version; null: deleted.
        var model = new List<JsonObject?> { null };
        foreach (var change in life.Prepend("""put {"name":"A"}"""))
        {
            var present = model[^1];
            var body = change.Contains(' ') ? JsonNode.Parse(change[change.IndexOf(' ')..])!.AsObject() : null;
            if (present is null)
            {
                var created = change.StartsWith("put") ? body! : new JsonObject { ["name"] = "C" };
                created["code"] = code;
                (await registry.Send("POST", "", created.ToJsonString())).Expect(201);
                model.Add(created);
                continue;
            }

            var etag = $"\"{model.Count - 1}\"";
            JsonObject? next;
            if (body is null)
            {
                (await registry.Send("DELETE", $"/{code}", ifMatch: etag)).Expect(200);
                next = null;
            }
            else
            {
                if (change.StartsWith("put")) body["code"] = code;
                next = change.StartsWith("put") ? body : (JsonObject)MergePatch.Apply(present, body)!;
                var answer = await registry.Send(change.StartsWith("put") ? "PUT" : "PATCH", $"/{code}", body.ToJsonString(), etag);
                // A height without a width, say: refused, and nothing happens.
                if (answer.Status == 422) continue;
                answer.Expect(200);
                if (JsonNode.DeepEquals(next, present)) continue;
            }

            model.Add(next);
        }

        for (var version = 1; version < model.Count; version++)
        {
            var read = await registry.Send("GET", $"/{code}?version={version}");
            if (model[version] is not { } expected) read.Expect(404);
            else JsonNode.DeepEquals(read.Expect(200).Body["document"], expected).ShouldBeTrue($"version {version}: {read.Document} instead of {expected.ToJsonString()}");
        }
    }

    private Task<string?> Row(string code) => registry.Query(db => db.Machines.Where(machine => machine.Code == code).Select(machine => machine.Name).SingleOrDefaultAsync());

    private async Task<string> Create()
    {
        var code = NewCode();
        (await registry.Send("POST", "", $$"""{"code":"{{code}}","name":"Lathe"}""")).Expect(201);
        return code;
    }
}
