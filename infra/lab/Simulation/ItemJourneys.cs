using System.Diagnostics;
using System.Net.Http.Json;
using EseErp.DemoData;
using EseErp.Lab.Returns;

namespace EseErp.Lab.Simulation;

/// <summary>
/// Stands in for the customers who send their items back, the dock and the workbench, where the system leaves that to
/// people: at the teams in event mode, at User Support in traditional mode.
/// </summary>
internal sealed class ItemJourneys(Func<string, Uri> addressOf, DemoCatalogue catalogue, TimeSpan stepDelay) : IDisposable
{
    private const int MostAtOnce = 32;

    // A step is not possible before the one ahead of it, which another team may still be busy with.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(15) };
    private readonly SemaphoreSlim _free = new(MostAtOnce);
    private readonly Dictionary<string, DemoProduct> _products = catalogue.Products.ToDictionary(product => product.Sku);

    /// <summary>Takes one item through all its steps; what is refused for good is left.</summary>
    public async Task RunAsync(FiledReturn filed, CancellationToken cancellationToken)
    {
        foreach (var (team, path, report) in Steps(filed))
        {
            await Task.Delay(stepDelay, cancellationToken);
            if (!await InsistAsync(new Uri(addressOf(team), path), report, cancellationToken))
                return;
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _free.Dispose();
    }

    private IEnumerable<(string Team, string Path, object Report)> Steps(FiledReturn filed)
    {
        var (returnId, device) = (filed.ReturnId!, filed.Planned.Device);
        var product = _products[device.Sku];
        const string Condition = "as described";
        var diagnosis = new { faultCode = product.FaultCodes[0], disposition = "Scrap" };
        // Every part comes out in good order but the first, which was at fault.
        var parts = product.BillOfMaterials.Select((part, index) => new { part.PartSku, quality = index == 0 ? "Scrap" : "Good", part.Quantity });
        var completion = new { parts, labourMinutes = 20 };
        return filed.Planned.IsTraditional
            ?
            [
                ("user-support", $"returns/{returnId}/steps/item-received", new { device.SerialNumber, condition = Condition }),
                ("user-support", $"returns/{returnId}/steps/diagnosed", diagnosis),
                ("user-support", $"returns/{returnId}/steps/disassembled", completion),
            ]
            :
            [
                ("inventory", "receipts", new { returnId, device.SerialNumber, condition = Condition }),
                ("manufacturing", $"disassembly-orders/{returnId}/diagnosis", diagnosis),
                ("manufacturing", $"disassembly-orders/{returnId}/complete", completion),
            ];
    }

    private async Task<bool> InsistAsync(Uri address, object report, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < s_patience)
        {
            if (await ReportAsync(address, report, cancellationToken))
                return true;
            await Task.Delay(s_pause, cancellationToken);
        }

        return false;
    }

    private async Task<bool> ReportAsync(Uri address, object report, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            using var response = await _client.PostAsJsonAsync(address, report, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
        finally
        {
            _free.Release();
        }
    }
}
