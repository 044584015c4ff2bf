using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
namespace EseErp.ServiceDefaults;
public static class Stub
{
    public static void AddServiceDefaults(this WebApplicationBuilder builder, string team)
    {
        builder.Services.AddHealthChecks(); builder.Services.AddProblemDetails();
        builder.Services.ConfigureHttpJsonOptions(o => { });
    }
    public static void MapServiceDefaults(this WebApplication app) { app.MapHealthChecks("/health/ready"); }
}
public static class Page
{
    /// <summary>A page of <paramref name="size"/> from a list that was read one item further, to know whether there is more.</summary>
    public static Page<T> Of<T>(IEnumerable<T> read, int size, Func<T, string> cursor)
    {
        var items = read.ToList();
        if (items.Count <= size) return new Page<T>(items, null);
        items.RemoveRange(size, items.Count - size);
        return new Page<T>(items, cursor(items[^1]));
    }
}
