using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using EseErp.EventStore;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Registry;

/// <summary>The same endpoints for every entity type, each with that type's own schema and example.</summary>
public static class RegistryApi
{
    public const string PatchType = "application/merge-patch+json";
    public const string UserHeader = "X-User";
    public const string Anonymous = "anonymous";

    private const string IfMatch = "If-Match";
    private const string IfMatchText = "The ETag of what was read, such as \"7\"; * for whatever is there.";
    private const string UserText = "Who changes it, for the history; anonymous if not given.";

    /// <summary>Maps <c>/registry/{type}</c> for each type.</summary>
    public static void MapRegistry(this IEndpointRouteBuilder routes)
    {
        foreach (var type in routes.ServiceProvider.GetRequiredService<RegistryTypes>().All) new Endpoints(type).Map(routes);
    }

    private sealed class Endpoints(RegistryType type)
    {
        public void Map(IEndpointRouteBuilder routes)
        {
            var group = routes.MapGroup($"/registry/{type.Name}").WithTags($"Registry: {type.Name}");
            group.MapGet("/", List).WithSummary("List by id");
            group.MapPost("/", Create).InTransaction().Takes(type, "application/json", patch: false).WithExample(_ => type.Example)
                .WithSummary("Create; a deleted entity continues with its next version");
            group.MapGet("/schema", Schema).WithSummary("Read the JSON Schema that writes are held against, or an earlier version of it");
            var reads = group.MapGroup("").WithParameterExample("id", _ => type.ExistingId?.Invoke() ?? type.ExampleId);
            reads.MapGet("/{id}", Get).WithSummary("Read as it is, or as of a version or a time");
            reads.MapGet("/{id}/history", History).WithSummary("Read every change, field by field: from what to what, by whom and when");
            var writes = group.MapGroup("").WithParameterExample("id", type.ExampleId).WithParameterExample(IfMatch, "*");
            writes.MapPut("/{id}", Replace).InTransaction().Takes(type, "application/json", patch: false).WithExample(_ => type.Example)
                .WithSummary("Replace completely; a null in the document is a value and is kept");
            writes.MapPatch("/{id}", Patch).InTransaction().Takes(type, PatchType, patch: true).WithExample(_ => type.ExamplePatch!())
                .WithSummary("Change by a JSON Merge Patch (RFC 7396); null removes. A change without effect makes no version");
            writes.MapDelete("/{id}", Delete).InTransaction().WithSummary("Delete; the history stays");
        }

        private async Task<Ok<Page<EntityView>>> List(RegistryDesk desk, [AsParameters] Paging paging, CancellationToken cancellationToken)
        {
            var entities = await desk.List(type, paging.After, paging.Size + 1, cancellationToken);
            return TypedResults.Ok(Page.Of(entities.Select(EntityView.Of), paging.Size, entity => entity.Id));
        }

        private async Task<Results<Created<EntityView>, BadRequestProblem, ConflictProblem, UnprocessableProblem>> Create(
            RegistryBody document, RegistryDesk desk, HttpContext http, CancellationToken cancellationToken,
            [FromHeader(Name = UserHeader), StringLength(100), Description(UserText)] string? user = null) =>
            await desk.Create(type, document.Json, Who(user), cancellationToken) switch
            {
                RegistryAnswer.Done done => TypedResults.Created(Address(done.Entity.Id), View(http, done.Entity)),
                RegistryAnswer.Taken taken => Problems.Conflict($"{taken.Id} exists in {type.Name} already."),
                RegistryAnswer.Invalid invalid => Problems.Unprocessable(invalid.Faults.ToDictionary()),
                var other => throw new InvalidOperationException($"{other} is no answer to this."),
            };

        private Results<Ok<JsonElement>, NotFoundProblem, BadRequestProblem> Schema(
            [Range(1, int.MaxValue), Description("Which version; default: the newest.")] int? version = null) =>
            version is null ? TypedResults.Ok(type.Newest.Json)
            : version <= type.Schemas.Count ? TypedResults.Ok(type.Schemas[version.Value - 1].Json)
            : Problems.NotFound("schema version", version.Value.ToString(CultureInfo.InvariantCulture));

        private async Task<Results<Ok<EntityView>, NotFoundProblem, BadRequestProblem>> Get(
            string id, RegistryDesk desk, HttpContext http, CancellationToken cancellationToken,
            [Range(1, int.MaxValue), Description("As of this version.")] int? version = null,
            [Description("As of this time, such as 2026-11-20T15:42:34Z; not together with version.")] DateTimeOffset? asOf = null)
        {
            if (version is not null && asOf is not null) return Problems.BadRequest("asOf", "Must not be given together with version.");
            return await desk.Read(type, id, version, asOf, cancellationToken) is { } entity ? TypedResults.Ok(View(http, entity)) : NotThere(id);
        }

        private async Task<Results<Ok<Page<VersionView>>, NotFoundProblem, BadRequestProblem>> History(
            string id, RegistryDesk desk, [AsParameters] Paging paging, CancellationToken cancellationToken)
        {
            var after = 0;
            if (paging.After is not null && !int.TryParse(paging.After, NumberStyles.None, CultureInfo.InvariantCulture, out after))
                return Problems.BadRequest("after", "Not a cursor of this history: pass the next of an earlier answer.");
            return await desk.History(type, id, after, paging.Size + 1, cancellationToken) is { } versions
                ? TypedResults.Ok(Page.Of(versions, paging.Size, version => version.Version.ToString(CultureInfo.InvariantCulture)))
                : NotThere(id);
        }

        private async Task<Results<Ok<EntityView>, BadRequestProblem, NotFoundProblem, PreconditionFailedProblem, PreconditionRequiredProblem, UnprocessableProblem>> Replace(
            string id, RegistryBody document, RegistryDesk desk, HttpContext http, CancellationToken cancellationToken,
            [FromHeader(Name = IfMatch), Description(IfMatchText)] string? ifMatch = null,
            [FromHeader(Name = UserHeader), StringLength(100), Description(UserText)] string? user = null)
        {
            if (string.IsNullOrWhiteSpace(ifMatch)) return Problems.PreconditionRequired(IfMatch);
            if (!Precondition.TryParse(ifMatch, out var precondition)) return BadETag();
            return await desk.Replace(type, id, precondition, document.Json, Who(user), cancellationToken) switch
            {
                RegistryAnswer.Done done => TypedResults.Ok(View(http, done.Entity)),
                RegistryAnswer.NotThere => NotThere(id),
                RegistryAnswer.OtherVersion other => MovedOn(http, other),
                RegistryAnswer.Invalid invalid => Problems.Unprocessable(invalid.Faults.ToDictionary()),
                var other => throw new InvalidOperationException($"{other} is no answer to this."),
            };
        }

        private async Task<Results<Ok<EntityView>, BadRequestProblem, NotFoundProblem, PreconditionFailedProblem, PreconditionRequiredProblem, UnprocessableProblem>> Patch(
            string id, RegistryBody patch, RegistryDesk desk, HttpContext http, CancellationToken cancellationToken,
            [FromHeader(Name = IfMatch), Description(IfMatchText)] string? ifMatch = null,
            [FromHeader(Name = UserHeader), StringLength(100), Description(UserText)] string? user = null)
        {
            if (string.IsNullOrWhiteSpace(ifMatch)) return Problems.PreconditionRequired(IfMatch);
            if (!Precondition.TryParse(ifMatch, out var precondition)) return BadETag();
            return await desk.Patch(type, id, precondition, patch.Json, Who(user), cancellationToken) switch
            {
                RegistryAnswer.Done done => TypedResults.Ok(View(http, done.Entity)),
                RegistryAnswer.NotThere => NotThere(id),
                RegistryAnswer.OtherVersion other => MovedOn(http, other),
                RegistryAnswer.Invalid invalid => Problems.Unprocessable(invalid.Faults.ToDictionary()),
                var other => throw new InvalidOperationException($"{other} is no answer to this."),
            };
        }

        private async Task<Results<Ok<DeletedEntityView>, BadRequestProblem, NotFoundProblem, PreconditionFailedProblem, PreconditionRequiredProblem>> Delete(
            string id, RegistryDesk desk, HttpContext http, CancellationToken cancellationToken,
            [FromHeader(Name = IfMatch), Description(IfMatchText)] string? ifMatch = null,
            [FromHeader(Name = UserHeader), StringLength(100), Description(UserText)] string? user = null)
        {
            if (string.IsNullOrWhiteSpace(ifMatch)) return Problems.PreconditionRequired(IfMatch);
            if (!Precondition.TryParse(ifMatch, out var precondition)) return BadETag();
            return await desk.Delete(type, id, precondition, Who(user), cancellationToken) switch
            {
                RegistryAnswer.Done { Entity: var gone } => TypedResults.Ok(new DeletedEntityView(gone.Id, gone.Version, gone.ChangedAt, gone.ChangedBy)),
                RegistryAnswer.NotThere => NotThere(id),
                RegistryAnswer.OtherVersion other => MovedOn(http, other),
                var other => throw new InvalidOperationException($"{other} is no answer to this."),
            };
        }

        private string Address(string id) => $"/registry/{type.Name}/{Uri.EscapeDataString(id)}";

        private NotFoundProblem NotThere(string id) => Problems.NotFound($"entity in {type.Name}", id);

        private static EntityView View(HttpContext http, Entity entity)
        {
            http.Response.Headers.ETag = Precondition.ETag(entity.Version);
            return EntityView.Of(entity);
        }

        private static PreconditionFailedProblem MovedOn(HttpContext http, RegistryAnswer.OtherVersion other)
        {
            http.Response.Headers.ETag = Precondition.ETag(other.Version);
            return Problems.PreconditionFailed($"It is at version {other.Version.ToString(CultureInfo.InvariantCulture)} by now. Read it again, and decide anew.");
        }

        private static BadRequestProblem BadETag() => Problems.BadRequest(IfMatch, "must be an ETag such as \"7\", or *");

        private static string Who(string? user) => string.IsNullOrWhiteSpace(user) ? Anonymous : user.Trim();
    }

    private static RouteHandlerBuilder Takes(this RouteHandlerBuilder endpoint, RegistryType type, string mediaType, bool patch) =>
        endpoint.Accepts<RegistryBody>(mediaType).WithMetadata(new RegistryBodySchema(type.Newest, patch));
}
