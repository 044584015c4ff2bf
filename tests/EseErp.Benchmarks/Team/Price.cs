namespace EseErp.Benchmarks;

/// <summary>What the benchmark's team keeps in its registry.</summary>
internal sealed record Price(string Sku, string Name, decimal Amount, string Currency);
