using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using ProblemDetails = Microsoft.AspNetCore.Mvc.ProblemDetails;

namespace EseErp.ServiceDefaults;

/// <summary>
/// Writes every problem of a service in one shape. Unlike the framework's own writer it does not ask the Accept header:
/// a client that cannot read <c>application/problem+json</c> is still better off with a reason than with an empty answer.
/// </summary>
internal sealed class ProblemWriter(IOptions<JsonOptions> json) : IProblemDetailsWriter
{
    public const string ContentType = "application/problem+json";

    public bool CanWrite(ProblemDetailsContext context) => true;

    public ValueTask WriteAsync(ProblemDetailsContext context) => new(WriteAsync(context.HttpContext, context.ProblemDetails));

    public Task WriteAsync(HttpContext context, ProblemDetails problem)
    {
        var status = problem.Status ?? context.Response.StatusCode;
        Complete(problem, status, context);
        context.Response.StatusCode = status;
        var type = problem.GetType();
        return context.Response.WriteAsJsonAsync(
            problem, json.Value.SerializerOptions.GetTypeInfo(type), ContentType, context.RequestAborted);
    }

    /// <summary>Bad input: one or more reasons per field.</summary>
    public Task WriteAsync(HttpContext context, int status, IReadOnlyDictionary<string, string[]> errors) =>
        WriteAsync(context, new HttpValidationProblemDetails(errors.ToDictionary(StringComparer.Ordinal)) { Status = status, Title = null });

    private static void Complete(ProblemDetails problem, int status, HttpContext context)
    {
        var phrase = ReasonPhrases.GetReasonPhrase(status);
        problem.Status = status;
        problem.Type ??= TypeOf(status);
        if (problem is HttpValidationProblemDetails validation)
        {
            problem.Title = "The request is not valid.";
            problem.Detail ??= string.Join(" ", validation.Errors.Take(5).Select(error => $"{error.Key} {error.Value.FirstOrDefault()}."));
        }

        problem.Title ??= phrase.Length > 0 ? phrase : "Error";
        problem.Detail ??= phrase.Length > 0 ? phrase + "." : "The request failed.";
        problem.Instance ??= (context.Request.PathBase + context.Request.Path).ToUriComponent();
        problem.Extensions["traceId"] = Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;
    }

    /// <summary>The section of RFC 9110 that defines the status, where there is one.</summary>
    internal static string TypeOf(int status) => status switch
    {
        >= 400 and <= 417 => $"https://www.rfc-editor.org/rfc/rfc9110#section-15.5.{status - 399}",
        421 => "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.20",
        422 => "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.21",
        426 => "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.22",
        428 => "https://www.rfc-editor.org/rfc/rfc6585#section-3",
        >= 500 and <= 505 => $"https://www.rfc-editor.org/rfc/rfc9110#section-15.6.{status - 499}",
        _ => "about:blank",
    };
}
