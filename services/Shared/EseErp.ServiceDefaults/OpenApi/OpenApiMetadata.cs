using Microsoft.AspNetCore.Builder;

namespace EseErp.ServiceDefaults;

/// <summary>Marks an endpoint that honours the <c>Idempotency-Key</c> header; OpenAPI then documents it.</summary>
/// <param name="Required">Whether a request without the header is refused.</param>
public sealed record IdempotencyMetadata(bool Required = false)
{
    /// <summary>The header.</summary>
    public const string Header = "Idempotency-Key";
}

internal sealed record RequestExample(Func<IServiceProvider, object> Example);

internal sealed record ParameterExample(string Name, Func<IServiceProvider, string> Example);

internal sealed record ResponseExample(int Status, Func<IServiceProvider, object> Example);

/// <summary>Examples for Swagger, so that "Execute" does something sensible at once.</summary>
public static class ExampleExtensions
{
    /// <summary>The body Swagger offers for a request.</summary>
    public static TBuilder WithExample<TBuilder>(this TBuilder builder, object example)
        where TBuilder : IEndpointConventionBuilder => builder.WithExample(_ => example);

    /// <summary>The same, made again for every reading of the document: for an id that is free, an order that exists.</summary>
    /// <param name="builder">The endpoint.</param>
    /// <param name="example">Gets the services of the document's request. If it fails, the document has no example.</param>
    public static TBuilder WithExample<TBuilder>(this TBuilder builder, Func<IServiceProvider, object> example)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RequestExample(example));

    /// <summary>The value Swagger offers for a parameter of the path or the query, where there is one of that name.</summary>
    public static TBuilder WithParameterExample<TBuilder>(this TBuilder builder, string name, string example)
        where TBuilder : IEndpointConventionBuilder => builder.WithParameterExample(name, _ => example);

    /// <summary>The same, made again for every reading of the document.</summary>
    public static TBuilder WithParameterExample<TBuilder>(this TBuilder builder, string name, Func<IServiceProvider, string> example)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new ParameterExample(name, example));

    /// <summary>An answer as it may look.</summary>
    public static TBuilder WithResponseExample<TBuilder>(this TBuilder builder, int status, object example)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new ResponseExample(status, _ => example));
}
