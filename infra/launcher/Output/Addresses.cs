using EseErp.Launcher.Api;

namespace EseErp.Launcher.Output;

/// <summary>Where a running system is found.</summary>
internal static class Addresses
{
    public static void Show(EseClient client) => Screen.Table(
        ["Service", "Address", "Swagger"],
        [
            .. ServiceCatalog.All.Select(service => (IReadOnlyList<string>)
            [
                service.Team, client.AddressOf(service.Team).ToString().TrimEnd('/'), new Uri(client.AddressOf(service.Team), "swagger").ToString(),
            ]),
        ]);
}
