using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace EseErp.ServiceDefaults;

/// <summary>The service's OpenAPI document at <c>/openapi/v1.json</c> and Swagger UI at <c>/swagger</c>.</summary>
internal static class OpenApiSetup
{
    private const string Document = "v1";

    public static void AddOpenApiDocument(this IServiceCollection services, string? description)
    {
        services.AddSingleton<XmlDocs>();
        services.AddOpenApi(Document, options =>
        {
            options.AddSchemaTransformer<SchemaDescription>();
            options.AddOperationTransformer<OperationDescription>();
            options.AddDocumentTransformer((document, context, _) =>
            {
                var settings = context.ApplicationServices.GetRequiredService<IOptions<ServiceSettings>>().Value;
                document.Info.Title = TitleOf(settings);
                document.Info.Version = Document;
                document.Info.Description = description ?? $"The {settings.DisplayName} team's endpoints.";
                // The service's own operations first.
                document.Tags = document.Tags is null ? null : new HashSet<OpenApiTag>(document.Tags.OrderBy(tag => tag.Name is "Demo data" or "Event log" or "Dead letters" or "Logs" or "Faults" or "Health"));
                document.AddComponent(ProblemSchema.Name, ProblemSchema.Create());
                return Task.CompletedTask;
            });
        });
    }

    public static void UseOpenApiDocument(this WebApplication app, ServiceSettings settings)
    {
        app.MapOpenApi().ExcludeFromDescription().SparedByFaults();
        // Whoever opens a service's address finds what it can do.
        app.MapGet("/", static () => TypedResults.LocalRedirect("~/swagger")).ExcludeFromDescription().SparedByFaults();
        // In a branch, so that an ordinary request does not pass through the page's middleware.
        app.UseWhen(
            static context => context.Request.Path.StartsWithSegments("/swagger"),
            page => page.UseSwaggerUI(options =>
            {
                // Relative to the page, so that it is right below a proxy's path too.
                options.SwaggerEndpoint($"../openapi/{Document}.json", TitleOf(settings));
                options.DocumentTitle = TitleOf(settings);
                options.EnableDeepLinking();
                options.EnableTryItOutByDefault();
                options.DisplayRequestDuration();
                options.DefaultModelsExpandDepth(-1);
            }));
    }

    private static string TitleOf(ServiceSettings settings) => $"EseErp – {settings.DisplayName}";
}
