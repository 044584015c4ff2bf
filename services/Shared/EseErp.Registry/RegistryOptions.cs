using System.ComponentModel.DataAnnotations;

namespace EseErp.Registry;

/// <summary><c>Ese:Registry</c>.</summary>
public sealed class RegistryOptions
{
    /// <summary>
    /// Every so many versions the whole document is stored beside the difference: reading as of a version applies at most so
    /// many differences less one. May be changed at any time; 1 to 1,000.
    /// </summary>
    [Range(1, 1000)]
    public int SnapshotEvery { get; set; } = 50;

    /// <summary>Largest document in bytes, written compactly.</summary>
    [Range(100, 1_000_000)]
    public int MostDocumentBytes { get; set; } = 64 * 1024;
}
