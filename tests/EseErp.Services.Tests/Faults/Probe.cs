using EseErp.Services.Tests.Api;

namespace EseErp.Services.Tests.Faults;

/// <summary>A request that something is wrong with.</summary>
/// <param name="What">What is wrong, for people.</param>
/// <param name="Request">Makes the request.</param>
/// <param name="Field">The field the answer must name; null for any or none.</param>
/// <param name="Statuses">The statuses that are right; any of 4xx when empty.</param>
/// <param name="MustBeRefused">
/// False for input that is odd but may be meant: an optional field left blank, a cursor that is merely a text. It must not
/// break anything, and that is all.
/// </param>
internal sealed record Probe(
    Operation Operation, string What, Func<HttpRequestMessage> Request, string? Field = null, int[]? Statuses = null, bool MustBeRefused = true)
{
    public override string ToString() => $"{Operation}, {What}";
}
