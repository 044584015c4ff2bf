using System.Globalization;
using EseErp.Services.Tests.Api;

namespace EseErp.Services.Tests.Faults;

/// <summary>What can be wrong with path, query and headers.</summary>
internal static class ParameterFaults
{
    // As they stand in an address. A dot segment would be resolved by the client, %00 is refused by the server itself.
    private static readonly string[] StrangeIds =
    [
        "RMA-2099-999999", "unknown", "0", "-1", "%20", "%01", "%7F", "a%0Ab", "..%2f", "..%2f..%2fetc%2fpasswd", "%25", "%25s", "%ED%A0%80", "%ff",
        "%F0%9F%92%A5", "'%3B%20drop%20table%20returns%3B%20--", "*", "a*b", "null", "%C2%A0", "%E2%80%AE", "a%2Bb", "%3Cb%3E", "%5C", "%22",
        new string('x', 41), new string('x', 300), new string('x', 7000),
    ];

    public static IEnumerable<Probe> InPath(Operation operation) => operation.PathParameters.SelectMany(parameter => StrangeIds.Select(id =>
        new Probe(operation, $"{parameter.Name} is {(id.Length > 45 ? $"{id.Length} characters long" : id)}",
            () => operation.Request(operation.Address(values: (parameter.Name, id))), Statuses: [400, 404])));

    public static IEnumerable<Probe> InQuery(Operation operation) => operation.QueryParameters.SelectMany(parameter =>
    {
        Probe Of(string value, bool must = true) => new(operation, $"{parameter.Name}={(value.Length > 45 ? $"({value.Length} characters)" : value)}",
            () => operation.Request(operation.Address($"?{parameter.Name}={value}")), parameter.Name, MustBeRefused: must);
        return Values(parameter.Schema).Select(value => Of(value.Text, value.Bad))
            .Append(Of("%00")).Append(Of("a%0Ab"))
            .Append(Of($"1&{parameter.Name}=2") with { What = $"{parameter.Name} twice" })
            .Append(Of(new string('x', 2001)));
    });

    public static IEnumerable<Probe> InHeaders(Operation operation)
    {
        foreach (var parameter in operation.Parameters.Where(parameter => parameter.In == "header" && parameter.Name != "Idempotency-Key"))
        {
            foreach (var value in new[] { "garbage", "-1", "99999999999999999999", "a b", "'", new string('x', 3000) })
                yield return With(operation, parameter.Name, value, null) with { MustBeRefused = false };
        }

        foreach (var value in operation.TakesIdempotencyKey ? new[] { new string('x', 201), new string('x', 300), "a b", "a\tb", "first, second" } : [])
            yield return With(operation, "Idempotency-Key", value, "Idempotency-Key") with { Statuses = [400] };
        // Nobody has to send these, and nonsense in them is no reason to fail.
        foreach (var (name, value) in new[] { ("X-Correlation-Id", "a b"), ("X-Correlation-Id", new string('x', 5000)), ("traceparent", "garbage"), ("Accept", "text/nothing"), ("Range", "bytes=9-1"), ("If-Match", "*") })
        {
            if (operation.Method == "GET") yield return With(operation, name, value, null) with { MustBeRefused = false };
        }
    }

    private static Probe With(Operation operation, string name, string value, string? field) =>
        new(operation, $"{name}: {(value.Length > 45 ? $"{value.Length} characters" : value)}", () =>
        {
            var request = operation.Request();
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
            return request;
        }, field);

    private static IEnumerable<(string Text, bool Bad)> Values(Schema schema)
    {
        if (schema.Enum.Count > 0)
        {
            foreach (var text in new[] { "", "Unknown", "0", "1", "77", "-1", $"{schema.Enum[0]},{schema.Enum[^1]}" }) yield return (text, true);
        }
        else if (schema.Type is "integer" or "number")
        {
            foreach (var text in new[] { "", "abc", "1.5", "1e3", "NaN", "0x10", "99999999999999999999", "1%20000", "'" }) yield return (text, true);
            yield return ("99999999999", schema.Maximum is not null || schema.Format == "int32");
            if (schema.Minimum is { } least) yield return ((least - 1).ToString(CultureInfo.InvariantCulture), true);
            yield return ("-1", schema.Minimum >= 0);
            yield return ("0", schema.Minimum > 0);
            if (schema.Maximum is { } most) yield return ((most + 1).ToString(CultureInfo.InvariantCulture), true);
        }
        else if (schema.Type == "boolean")
        {
            foreach (var text in new[] { "", "maybe", "2", "0", "1", "yes" }) yield return (text, true);
        }
        else if (schema.Format == "date-time")
        {
            foreach (var text in new[] { "", "yesterday", "2026-13-45", "99999-01-01T00:00:00Z", "-1", "'" }) yield return (text, true);
            foreach (var text in new[] { "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00%2B14:00", "2026-11-20" }) yield return (text, false);
        }
        else
        {
            foreach (var text in new[] { "", "garbage", "-1", "0-0", "9223372036854775807", "9223372036854775808", "18446744073709551615-9223372036854775807", "3155378975999999999-00000000000000000000000000000000", "'", "%25", "%F0%9F%92%A5", "*", "**", "a*b", "%5C" })
                yield return (text, false);
            if (schema.MaxLength is { } most) yield return (new string('x', most + 1), true);
        }
    }
}
