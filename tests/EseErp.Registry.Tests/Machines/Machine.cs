using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Registry.Tests;

/// <summary>What the test team keeps in its registry, as its code reads it.</summary>
public sealed record Machine(string Code, string Name, decimal? Price = null);

/// <summary>The typed row made from it.</summary>
public sealed class MachineRow
{
    public required string Code { get; init; }

    public required string Name { get; set; }
}

public sealed class MachineDb(DbContextOptions<MachineDb> options) : DbContext(options)
{
    public DbSet<MachineRow> Machines => Set<MachineRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<MachineRow>(machine =>
    {
        machine.ToTable("machines").HasKey(m => m.Code);
        machine.Property(m => m.Code).HasColumnName("code");
        machine.Property(m => m.Name).HasColumnName("name");
    });
}

/// <summary>Keeps the rows in step; breaks when told to.</summary>
public sealed class MachineRows(MachineDb db) : IRegistryProjection<Machine>
{
    public const string Unlucky = "breaks the projection";

    public async Task Apply(IReadOnlyList<Machine> current, IReadOnlyList<string> deleted, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync($"delete from machines where code = any ({deleted.ToArray()})", cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into machines (code, name)
            select * from unnest({current.Select(machine => machine.Code).ToArray()}, {current.Select(machine => machine.Name).ToArray()})
            on conflict (code) do update set name = excluded.name
            """, cancellationToken);
        if (current.Any(machine => machine.Name == Unlucky)) throw new InvalidOperationException("The rows could not be written.");
    }
}
