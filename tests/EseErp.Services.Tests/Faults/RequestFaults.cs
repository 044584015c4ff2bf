using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using EseErp.Services.Tests.Api;

namespace EseErp.Services.Tests.Faults;

/// <summary>All probes of an operation.</summary>
internal static class RequestFaults
{
    private const int LongestBody = 1024 * 1024;

    public static IEnumerable<Probe> Of(Operation operation, ServiceDocument document) =>
    [
        .. ParameterFaults.InPath(operation),
        .. ParameterFaults.InQuery(operation),
        .. ParameterFaults.InHeaders(operation),
        .. InMethod(operation, document),
        .. operation.Body is null ? [] : InBody(operation).Concat(InContent(operation)),
    ];

    private static IEnumerable<Probe> InBody(Operation operation) => BodyFaults.Of(operation.Body!, Good(operation), operation.BodyIsRequired)
        .Select(fault => new Probe(operation, fault.What, () => operation.Request(body: fault.Text), fault.Field, MustBeRefused: fault.MustBeRefused));

    // That an example is missing is for another test to say.
    private static JsonNode Good(Operation operation) => operation.Example ?? BodyFaults.Sample(operation.Body!);

    private static IEnumerable<Probe> InContent(Operation operation)
    {
        var good = Good(operation).ToJsonString();
        foreach (var type in new[] { "text/plain", "application/xml", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "nonsense", null })
        {
            yield return new(operation, $"content type {type ?? "missing"}", () =>
            {
                var request = operation.Request(body: good);
                request.Content!.Headers.ContentType = null;
                if (type is not null) request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
                return request;
            }, "Content-Type", [415]);
        }

        yield return new(operation, "body over 1 MiB", () => operation.Request(body: good + new string(' ', LongestBody)), "body", [413]);
        yield return new(operation, "body over 1 MiB in chunks", () =>
        {
            var request = operation.Request(body: good + new string(' ', LongestBody));
            request.Headers.TransferEncodingChunked = true;
            return request;
        }, "body", [413]);
        yield return new(operation, "body that is not UTF-8", () =>
        {
            var request = operation.Request();
            request.Content = new ByteArrayContent([.. Encoding.UTF8.GetBytes(good[..^1]), (byte)',', (byte)'"', 0xff, 0xfe, (byte)'"', (byte)':', (byte)'1', (byte)'}']);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(operation.MediaType);
            return request;
        });
    }

    private static IEnumerable<Probe> InMethod(Operation operation, ServiceDocument document) =>
        new[] { "GET", "POST", "PUT", "PATCH", "DELETE" }
            .Where(method => !document.Has(method, operation.Path))
            .Select(method => new Probe(operation, $"{method} instead", () =>
            {
                var request = operation.Request();
                request.Method = new HttpMethod(method);
                return request;
            }, Statuses: [405]));
}
