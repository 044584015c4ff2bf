using System.Text.Json;
using EseErp.EventStore;
using EseErp.Registry;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Benchmarks;

/// <summary>
/// Reads an entity with 10,000 versions, beside one with 10. Each read is a scope of its own, as a request's is; "as of" reads
/// a version at random, of all there are.
/// </summary>
internal sealed class RegistryBenchmark(Setting setting, int reads, bool asOf) : IBenchmark
{
    private const int LongHistory = 10_000;
    private const int ShortHistory = 10;
    private const int VersionsPerTransaction = 500;

    private Service? _service;
    private RegistryType? _prices;

    public string Name => $"registry, {(asOf ? "as of any version" : "latest")}, {LongHistory} versions beside {ShortHistory}";

    public int Messages => reads;

    public async Task Prepare(CancellationToken cancellationToken)
    {
        _service = await Service.Start(setting, "bench");
        _prices = _service.Services.GetRequiredService<RegistryTypes>().All.Single();
        foreach (var versions in new[] { LongHistory, ShortHistory })
        {
            // The other benchmark of the two may have made it.
            if (await Find($"SKU-{versions}", null, cancellationToken) is not null) continue;
            await Work(desk => desk.AddMissing([new Price($"SKU-{versions}", "A device of some kind, black", 0, "EUR")], "bench", cancellationToken), cancellationToken);
            foreach (var chunk in Enumerable.Range(2, versions - 1).Chunk(VersionsPerTransaction))
            {
                await Work(async desk =>
                {
                    foreach (var version in chunk)
                    {
                        await desk.Patch(_prices, $"SKU-{versions}", Precondition.Any, JsonElement.Parse($$"""{"amount":{{version}}}"""), "bench", cancellationToken);
                    }

                    return true;
                }, cancellationToken);
            }
        }

        await setting.Servers.Execute("vacuum analyze ese.registry_entities");
        await setting.Servers.Execute("vacuum analyze ese.registry_versions");
    }

    public Task<Run> Ours(CancellationToken cancellationToken) => Read(LongHistory, cancellationToken);

    public Task<Run> Twin(CancellationToken cancellationToken) => Read(ShortHistory, cancellationToken);

    public ValueTask DisposeAsync() => _service is null ? ValueTask.CompletedTask : _service.DisposeAsync();

    private async Task<Run> Read(int versions, CancellationToken cancellationToken)
    {
        var chance = new Random(2026);
        var clock = new Clock();
        clock.Begin();
        for (var number = 0; number < reads; number++)
        {
            var wanted = asOf ? chance.Next(versions) + 1 : versions;
            if ((await Find($"SKU-{versions}", asOf ? wanted : null, cancellationToken))?.Version != wanted)
                throw new InvalidOperationException($"SKU-{versions} has no version {wanted}.");
        }

        return clock.End();
    }

    private async Task<Entity?> Find(string sku, int? version, CancellationToken cancellationToken)
    {
        await using var scope = _service!.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<RegistryDesk>().Read(_prices!, sku, version, null, cancellationToken);
    }

    private async Task Work<T>(Func<RegistryDesk, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var scope = _service!.Services.CreateAsyncScope();
        var desk = scope.ServiceProvider.GetRequiredService<RegistryDesk>();
        await scope.ServiceProvider.GetRequiredService<UnitOfWork>().Run(_ => work(desk), cancellationToken);
    }
}
