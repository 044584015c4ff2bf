using EseErp.EventStore;
using EseErp.Inventory.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EseErp.Inventory.Locations;

/// <summary>Which warehouses there are. A batch asks once for all that its requests name.</summary>
public sealed class KnownLocations(InventoryDb db)
{
    private readonly Dictionary<string, bool> _found = [];

    /// <summary>Has a batch's first round trip look these codes up.</summary>
    public void Want(IEnumerable<string> codes, BatchReads reads)
    {
        var wanted = codes.Distinct().Where(code => !_found.ContainsKey(code)).ToArray();
        if (wanted.Length == 0) return;
        foreach (var code in wanted) _found[code] = false;
        reads.Add(
            "select id from ese.registry_entities where type = 'locations' and id = any ($1) and document is not null",
            parameters => parameters.Add(new NpgsqlParameter<string[]> { TypedValue = wanted }),
            async (reader, token) =>
            {
                while (await reader.ReadAsync(token)) _found[reader.GetString(0)] = true;
            });
    }

    public async ValueTask<bool> Contain(string code, CancellationToken cancellationToken) => _found.TryGetValue(code, out var found)
        ? found
        : _found[code] = await db.Database.SqlQuery<bool>(
            $"select exists (select 1 from ese.registry_entities where type = 'locations' and id = {code} and document is not null) as \"Value\"").SingleAsync(cancellationToken);
}
