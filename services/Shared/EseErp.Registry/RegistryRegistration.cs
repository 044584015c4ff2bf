using EseErp.EventStore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EseErp.Registry;

public static class RegistryRegistration
{
    /// <summary>Gives a service reference data with history, in its own database. After <c>AddEventStore</c>.</summary>
    /// <param name="declare">The entity types.</param>
    public static WebApplicationBuilder AddRegistry(this WebApplicationBuilder builder, Action<RegistryTypes> declare)
    {
        var services = builder.Services;
        var types = new RegistryTypes();
        declare(types);
        services.AddSingleton(types);
        services.AddOptions<RegistryOptions>().BindConfiguration("Ese:Registry").ValidateDataAnnotations().ValidateOnStart();
        services.AddScoped(provider => new RegistryDesk(
            new RegistryStore(provider.GetRequiredService<DbContext>()), types, provider.GetRequiredService<IOptions<RegistryOptions>>(),
            provider, provider.GetRequiredService<TimeProvider>()));
        foreach (var projection in types.All.Select(type => type.Projection).OfType<Type>()) services.AddScoped(projection);
        services.AddSingleton(new SchemaLibrary(typeof(RegistryRegistration).Assembly));
        services.Configure<OpenApiOptions>("v1", options => options.AddOperationTransformer(RegistryOpenApi.Describe));
        return builder;
    }
}
