using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.ServiceDefaults;

/// <summary>The refusals an endpoint answers with. Each is a problem (RFC 9457) and describes itself in OpenAPI.</summary>
public static class Problems
{
    /// <summary>404: there is no <paramref name="what"/> (such as "order") with this id.</summary>
    public static NotFoundProblem NotFound(string what, string id) =>
        new(new ProblemDetails { Title = "Not found", Detail = $"There is no {what} '{id}'." });

    /// <summary>409: the request is fine, but not in the present state. Extensions become members of the problem.</summary>
    /// <param name="isTransient">The same request may well succeed in a moment; such an answer is not kept for its idempotency key.</param>
    public static ConflictProblem Conflict(string detail, IReadOnlyDictionary<string, object?>? extensions = null, bool isTransient = false) =>
        new(With(new ProblemDetails { Title = "Conflict", Detail = detail }, extensions), isTransient);

    /// <summary>400: a field or parameter that only the endpoint itself could check.</summary>
    public static BadRequestProblem BadRequest(string field, string reason) => new(Errors(field, reason));

    /// <summary>422: well formed, but not possible for the reason given on a field.</summary>
    public static UnprocessableProblem Unprocessable(string field, string reason) => new(Errors(field, reason));

    /// <summary>422 for several fields at once.</summary>
    public static UnprocessableProblem Unprocessable(IReadOnlyDictionary<string, string[]> errors) =>
        new(new HttpValidationProblemDetails(errors.ToDictionary(StringComparer.Ordinal)));

    /// <summary>412: what the client bases its change on is no longer so.</summary>
    public static PreconditionFailedProblem PreconditionFailed(string detail) =>
        new(new ProblemDetails { Title = "Precondition failed", Detail = detail });

    /// <summary>428: a change must say what it is based on.</summary>
    public static PreconditionRequiredProblem PreconditionRequired(string header) => new(Errors(header, "is required"));

    /// <summary>Any other status, such as 502 and 504. Declare it with <c>.ProducesProblem(status)</c>.</summary>
    public static StatusProblem Status(
        int status, string title, string detail, IReadOnlyDictionary<string, object?>? extensions = null) =>
        new(status, With(new ProblemDetails { Title = title, Detail = detail }, extensions));

    private static HttpValidationProblemDetails Errors(string field, string reason) =>
        new(new Dictionary<string, string[]> { [field] = [reason] });

    private static ProblemDetails With(ProblemDetails problem, IReadOnlyDictionary<string, object?>? extensions)
    {
        foreach (var (name, value) in extensions ?? new Dictionary<string, object?>())
            problem.Extensions[name] = value;
        return problem;
    }
}

/// <summary>An answer that is a problem.</summary>
public abstract class ProblemResult : IResult, IStatusCodeHttpResult, IContentTypeHttpResult, IValueHttpResult, IValueHttpResult<ProblemDetails>
{
    private protected ProblemResult(int status, ProblemDetails problem)
    {
        problem.Status = status;
        StatusCode = status;
        Value = problem;
    }

    /// <summary>The HTTP status.</summary>
    public int StatusCode { get; }

    /// <summary>The problem; type, instance and traceId are filled in when it is written.</summary>
    public ProblemDetails Value { get; }

    int? IStatusCodeHttpResult.StatusCode => StatusCode;
    string? IContentTypeHttpResult.ContentType => ProblemWriter.ContentType;
    object? IValueHttpResult.Value => Value;

    /// <inheritdoc />
    public Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        return httpContext.RequestServices.GetRequiredService<ProblemWriter>().WriteAsync(httpContext, Value);
    }

    private protected static void Describe(EndpointBuilder builder, int status) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(status, typeof(ProblemDetails), [ProblemWriter.ContentType]));
}

/// <summary>400.</summary>
public sealed class BadRequestProblem : ProblemResult, IEndpointMetadataProvider
{
    internal BadRequestProblem(ProblemDetails problem) : base(StatusCodes.Status400BadRequest, problem) { }

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        Describe(builder, StatusCodes.Status400BadRequest);
}

/// <summary>404.</summary>
public sealed class NotFoundProblem : ProblemResult, IEndpointMetadataProvider
{
    internal NotFoundProblem(ProblemDetails problem) : base(StatusCodes.Status404NotFound, problem) { }

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        Describe(builder, StatusCodes.Status404NotFound);
}

/// <summary>409.</summary>
public sealed class ConflictProblem : ProblemResult, IEndpointMetadataProvider
{
    internal ConflictProblem(ProblemDetails problem, bool isTransient) : base(StatusCodes.Status409Conflict, problem) => IsTransient = isTransient;

    /// <summary>Whether the same request may well succeed in a moment.</summary>
    public bool IsTransient { get; }

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        Describe(builder, StatusCodes.Status409Conflict);
}

/// <summary>422.</summary>
public sealed class UnprocessableProblem : ProblemResult, IEndpointMetadataProvider
{
    internal UnprocessableProblem(ProblemDetails problem) : base(StatusCodes.Status422UnprocessableEntity, problem) { }

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        Describe(builder, StatusCodes.Status422UnprocessableEntity);
}

/// <summary>412.</summary>
public sealed class PreconditionFailedProblem : ProblemResult, IEndpointMetadataProvider
{
    internal PreconditionFailedProblem(ProblemDetails problem) : base(StatusCodes.Status412PreconditionFailed, problem) { }

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        Describe(builder, StatusCodes.Status412PreconditionFailed);
}

/// <summary>428.</summary>
public sealed class PreconditionRequiredProblem : ProblemResult, IEndpointMetadataProvider
{
    internal PreconditionRequiredProblem(ProblemDetails problem) : base(StatusCodes.Status428PreconditionRequired, problem) { }

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        Describe(builder, StatusCodes.Status428PreconditionRequired);
}

/// <summary>Any other status.</summary>
public sealed class StatusProblem : ProblemResult
{
    internal StatusProblem(int status, ProblemDetails problem) : base(status, problem) { }
}
