using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ProblemDetails = Microsoft.AspNetCore.Mvc.ProblemDetails;

namespace EseErp.ServiceDefaults;

/// <summary>Turns whatever goes wrong below it into a problem, and logs an unexpected exception once.</summary>
internal sealed partial class ServiceErrors(
    RequestDelegate next, ProblemWriter problems, IOptions<JsonOptions> json, IOptions<OutageOptions> outages, ILogger<ServiceErrors> logger)
{
    private const int ClientClosedRequest = 499;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            if (!context.Response.HasStarted) context.Response.StatusCode = ClientClosedRequest;
            return;
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            Clear(context);
            await problems.WriteAsync(context, exception.StatusCode, Explain(context, exception));
            return;
        }
        catch (Exception exception) when (!context.Response.HasStarted && outages.Value.Signs.Any(means => means(exception)))
        {
            LogOutage(context.GetEndpoint()?.DisplayName ?? context.Request.Method, exception.Message);
            Clear(context);
            context.Response.Headers.RetryAfter = "1";
            await problems.WriteAsync(context, new ProblemDetails
            {
                Status = StatusCodes.Status503ServiceUnavailable,
                Detail = "The service's database or broker is down at the moment. Send the same request again, with the same Idempotency-Key.",
            });
            return;
        }
        catch (Exception exception)
        {
            LogUnexpected(exception, context.GetEndpoint()?.DisplayName ?? context.Request.Method);
            if (context.Response.HasStarted)
            {
                context.Abort(); // the client must not take a torn answer for a whole one
                return;
            }

            Clear(context);
            await problems.WriteAsync(context, new ProblemDetails
            {
                Status = StatusCodes.Status500InternalServerError,
                Detail = "The service failed to process the request. Its log has the reason under the trace id.",
            });
            return;
        }

        var response = context.Response;
        if (response.HasStarted || response.StatusCode < 400 || response.ContentLength is not null || !string.IsNullOrEmpty(response.ContentType)) return;
        if (response.StatusCode == StatusCodes.Status415UnsupportedMediaType)
            await problems.WriteAsync(context, response.StatusCode, InputErrors.One("Content-Type", $"must be {MediaType(context)}"));
        else
            await problems.WriteAsync(context, new ProblemDetails { Status = response.StatusCode, Detail = DetailOf(context) });
    }

    // A patch is a JSON Merge Patch everywhere.
    private static string MediaType(HttpContext context) => HttpMethods.IsPatch(context.Request.Method) ? "application/merge-patch+json" : "application/json";

    private static string? DetailOf(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => "There is nothing at this address.",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} is not possible here; allowed: {context.Response.Headers.Allow}.",
        _ => null,
    };

    private static void Clear(HttpContext context)
    {
        var correlation = context.Response.Headers[Correlation.Header];
        context.Response.Clear();
        context.Response.Headers[Correlation.Header] = correlation;
    }

    private IReadOnlyDictionary<string, string[]> Explain(HttpContext context, BadHttpRequestException exception)
    {
        var body = context.Features.Get<BufferedBody>();
        var bodyType = context.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
        var parameter = BindingFault().Match(exception.Message);
        var concernsBody = exception.InnerException is not null || !parameter.Success || parameter.Groups["from"].Value == "body";
        if (concernsBody && body is not null && bodyType is not null)
        {
            var errors = BodyDiagnosis.Explain(body.Bytes, bodyType, json.Value.SerializerOptions);
            if (errors.Any) return errors.ToDictionary();
            if (exception.InnerException is System.Text.Json.JsonException fault)
                return InputErrors.One(fault.Path?.TrimStart('$', '.') is { Length: > 0 } path ? path : InputErrors.Body, "is not valid");
        }

        if (!parameter.Success) return InputErrors.One(exception.StatusCode == 413 || body is not null ? InputErrors.Body : "request", Sentence(exception.Message));

        var name = parameter.Groups["name"].Value;
        var bound = context.GetEndpoint()?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>().FirstOrDefault(candidate => candidate.Name == name);
        var known = bound is null ? name : BoundName.Of(bound.ParameterInfo);
        if (parameter.Groups["verb"].Value == "Required parameter") return InputErrors.One(known, "is required");
        return InputErrors.One(known, bound is null ? "is not valid" : Requirement.Of(bound.ParameterInfo.ParameterType));
    }

    private static string Sentence(string message) => message.TrimEnd('.');

    /// <summary>The framework tells which parameter failed only in these messages (RequestDelegateFactory).</summary>
    [GeneratedRegex("""\A(?<verb>Failed to bind parameter|Required parameter|Failed to read parameter) "\S+ (?<name>\w+)" (from (?<value>".*"|the request body)|was not provided from (?<from>\w+))""", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex BindingFault();

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Endpoint} failed because of an outage: {Reason}")]
    private partial void LogOutage(string endpoint, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Endpoint} failed")]
    private partial void LogUnexpected(Exception exception, string endpoint);
}
