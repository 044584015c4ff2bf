using EseErp.Contracts.UserSupport;

namespace EseErp.Tracking.Returns;

/// <summary>Traditional mode: the calls that User Support made on behalf of the return, in order.</summary>
public sealed record CallsFacet
{
    /// <summary>A return that is resumed again and again makes ever more calls; the latest are kept here, the timeline has all.</summary>
    public const int Kept = 200;

    public List<TeamCallMade> Made { get; init; } = [];

    public CallsFacet After(object fact) =>
        fact is TeamsCalled called ? this with { Made = [.. Made.Concat(called.Calls).TakeLast(Kept)] } : this;
}
