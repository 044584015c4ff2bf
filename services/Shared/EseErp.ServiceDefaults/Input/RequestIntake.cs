using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace EseErp.ServiceDefaults;

/// <summary>Checks what no endpoint should have to: path, query and body as such, before anything is bound.</summary>
internal sealed class RequestIntake(RequestDelegate next, ProblemWriter problems, IOptions<ServiceSettings> settings, IOptions<JsonOptions> json)
{
    private const int LongestTarget = 8 * 1024;
    private const int LongestRouteValue = 200;
    private const int LongestQueryValue = 2_000;

    private readonly ConditionalWeakTable<Endpoint, EndpointInput> inputs = [];

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var query = request.QueryString.Value ?? string.Empty;
        if (request.Path.Value!.Length + query.Length > LongestTarget)
            return problems.WriteAsync(context, StatusCodes.Status414UriTooLong, InputErrors.One("path", $"must not be longer than {LongestTarget} characters"));
        if (context.GetEndpoint() is not { } endpoint || !inputs.GetValue(endpoint, EndpointInput.Of).Bound)
            return ControlCharacters.In(request.Path.Value) ? Refuse(context, ControlCharacters.Refusal("path")) : next(context);

        var input = inputs.GetValue(endpoint, EndpointInput.Of);
        var refusal = CheckRoute(context) ?? (query.Length > 0 ? CheckQuery(request, input) : null);
        if (refusal is not null) return Refuse(context, refusal);
        if (input.BodyType is not null) return TakeBody(context, input.BodyType, input.BodyOptional);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = settings.Value.MaxRequestBodyBytes;
        return next(context);
    }

    private static IReadOnlyDictionary<string, string[]>? CheckRoute(HttpContext context)
    {
        foreach (var (name, value) in context.Request.RouteValues)
        {
            if (value is not string text) continue;
            if (ControlCharacters.In(text)) return ControlCharacters.Refusal(name);
            if (text.Length > LongestRouteValue) return InputErrors.One(name, $"must not be longer than {LongestRouteValue} characters");
        }

        return null;
    }

    private static IReadOnlyDictionary<string, string[]>? CheckQuery(HttpRequest request, EndpointInput input)
    {
        Dictionary<string, StringValues> renamed = [];
        foreach (var (name, values) in request.Query)
        {
            if (ControlCharacters.In(name)) return ControlCharacters.Refusal("query");
            if (values.Count > 1 && input.Names.Contains(name)) return InputErrors.One(name, "is given more than once");
            foreach (var value in values)
            {
                if (ControlCharacters.In(value)) return ControlCharacters.Refusal(name);
                if (value?.Length > LongestQueryValue) return InputErrors.One(name, $"must not be longer than {LongestQueryValue} characters");
            }

            // The binder would take "3", and any number at all, for an enum, and would not know the names JSON uses.
            if (!input.Enums.TryGetValue(name, out var names) || string.IsNullOrEmpty(values)) continue;
            if (!names.TryGetValue(values, out var member)) return InputErrors.One(name, names.Requirement);
            if (member!.ToString() != values) renamed.Add(name, member.ToString());
        }

        if (renamed.Count > 0)
        {
            request.Query = new QueryCollection(request.Query.ToDictionary(
                entry => entry.Key, entry => renamed.TryGetValue(entry.Key, out var name) ? name : entry.Value, StringComparer.OrdinalIgnoreCase));
        }

        return null;
    }

    private async Task TakeBody(HttpContext context, Type bodyType, bool optional)
    {
        var request = context.Request;
        if (MediaTypeFault(request) is { } fault)
        {
            await problems.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, InputErrors.One("Content-Type", fault));
            return;
        }

        var body = await BufferedBody.ReadAsync(context, settings.Value.MaxRequestBodyBytes);
        var errors = body.Bytes.IsEmpty && !optional
            ? BodyDiagnosis.Explain(body.Bytes, bodyType, json.Value.SerializerOptions)
            : ControlCharacters.InBody(body.Bytes);
        if (errors.Any)
            await Refuse(context, errors.ToDictionary());
        else
            await next(context);
    }

    private static string? MediaTypeFault(HttpRequest request)
    {
        if (string.IsNullOrEmpty(request.ContentType) && request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true)
            return null; // no body at all: said as such
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !JsonMedia.Is(type))
            return "must be application/json";
        return type.Charset.HasValue && !type.Charset.Value.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            ? "must have the charset utf-8"
            : null;
    }

    private Task Refuse(HttpContext context, IReadOnlyDictionary<string, string[]> errors) =>
        problems.WriteAsync(context, StatusCodes.Status400BadRequest, errors);

    /// <summary>What an endpoint binds, looked up once.</summary>
    private sealed record EndpointInput(bool Bound, Type? BodyType, bool BodyOptional, IReadOnlyDictionary<string, EnumNames> Enums, HashSet<string> Names)
    {
        public static EndpointInput Of(Endpoint endpoint)
        {
            var enums = new Dictionary<string, EnumNames>(StringComparer.OrdinalIgnoreCase);
            var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            foreach (var parameter in endpoint.Metadata.GetOrderedMetadata<IParameterBindingMetadata>())
            {
                var type = parameter.ParameterInfo.ParameterType;
                type = Nullable.GetUnderlyingType(type) ?? type;
                var name = BoundName.Of(parameter.ParameterInfo) ?? parameter.Name;
                if (type.IsEnum) enums.TryAdd(name, EnumNames.Of(type));
                if (ValidationRules.IsScalar(type)) names.Add(name);
            }

            var accepts = endpoint.Metadata.GetMetadata<IAcceptsMetadata>();
            var json = accepts?.RequestType is not null && accepts.ContentTypes.Any(type => type.EndsWith("json", StringComparison.OrdinalIgnoreCase));
            return new EndpointInput(endpoint.RequestDelegate is not null, json ? accepts!.RequestType : null, accepts?.IsOptional == true, enums, names);
        }
    }
}
