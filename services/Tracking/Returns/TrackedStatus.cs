using System.Text.Json.Serialization;

namespace EseErp.Tracking.Returns;

/// <summary>Where a return stands, in one word.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TrackedStatus>))]
public enum TrackedStatus
{
    /// <summary>Sales has not answered yet.</summary>
    Requested,

    /// <summary>Sales authorized the refund.</summary>
    Approved,

    /// <summary>Sales rejected the refund, by rule or on review. Final.</summary>
    Declined,

    /// <summary>A person at Sales must decide: on the amount, or on another device than was announced.</summary>
    UnderReview,

    /// <summary>Approved, and Inventory waits for the item.</summary>
    AwaitingItem,

    /// <summary>The item is in the warehouse.</summary>
    ItemReceived,

    /// <summary>The item was inspected.</summary>
    Inspected,

    /// <summary>The customer has everything that was asked for, and the item is back.</summary>
    Completed,

    /// <summary>Called off. Final.</summary>
    Cancelled,

    /// <summary>The item did not come back in time. Final.</summary>
    Expired,

    /// <summary>Traditional mode: a step has no known outcome; the return waits until it is resumed.</summary>
    Incomplete,

    /// <summary>A service could not apply an event of it. A person must repair the cause, and re-drive or discard the dead letter.</summary>
    Stuck,
}
