using System.Text.Json.Serialization;

namespace EseErp.Tracking.Returns;

/// <summary>What came of the wish to call a return off, in event mode.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CancellationState>))]
public enum CancellationState
{
    /// <summary>The team that has the item has not answered yet.</summary>
    Requested,

    /// <summary>The return is called off.</summary>
    Accepted,

    /// <summary>It was too late; the return continues.</summary>
    Refused,
}
