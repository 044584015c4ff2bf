using EseErp.Contracts;
using EseErp.Contracts.Inventory;

namespace EseErp.Inventory.Shipments;

/// <summary>Which device came in under a return, and what speaks against it.</summary>
public sealed partial class ShipmentRequest
{
    /// <summary>
    /// The device that came in, in the normal form of its serial number. Null before it did, and once the return is refused: then it goes
    /// back to the customer.
    /// </summary>
    public string? ArrivedKey { get; private set; }

    /// <summary>
    /// The announced device came back in another return: nothing leaves until Sales has accepted what comes instead. Events tell so; when
    /// calls drive the return, Inventory looks by itself before a unit leaves in advance (<see cref="LookForDevice"/>).
    /// </summary>
    public bool IsDeviceGivenUp { get; private set; }

    private bool IsAnotherDevice =>
        !MismatchAccepted && (IsDeviceGivenUp || (ReceivedSerialNumber is not null && !SerialNumbers.Same(ReceivedSerialNumber, SerialNumber)));

    // What was put on the shelf may be sold again, and what went back to the customer may come back.
    private bool HasDeviceHere => ArrivedKey is not null && !IsRestocked && !IsSentBack;

    // A serial number is unique within its model. That of a device which nobody has accepted yet is not known.
    private string? ArrivedSku => IsAnotherDevice ? null : ItemSku;

    /// <summary>Why a device cannot be received now; null when it can.</summary>
    /// <param name="serialNumber">Read off the device.</param>
    /// <param name="arrived">The returns under which devices of this number came in.</param>
    public string? ReasonNotToReceiveDevice(string serialNumber, IEnumerable<ShipmentRequest> arrived)
    {
        if (ReasonNotToReceive is { } reason) return reason;
        var sku = SerialNumbers.Same(serialNumber, SerialNumber) ? Sku : null;
        var holder = arrived.FirstOrDefault(other => other.HasDeviceHere && other.MayBeOf(sku));
        return holder is null ? null : $"This device has arrived already, under {holder.ReturnId}.";
    }

    /// <summary>Why the announced device cannot be done without; null when it can, or is already.</summary>
    /// <param name="arrived">The returns under which devices of its number came in.</param>
    public string? ReasonNotToWaiveDevice(IEnumerable<ShipmentRequest> arrived)
    {
        if (ReasonNotToWaive is { } reason) return reason;
        if (ReceiptState == ReceiptState.Waived) return null;
        return CameBackIn(arrived) is { } holder ? $"The device of this return came back in {holder.ReturnId}." : null;
    }

    /// <summary>Whether a unit could leave in advance of a device that came back elsewhere, of which nobody would tell.</summary>
    public bool HasToLookForDevice => Coordination == CoordinationMode.Traditional && ReplacementTiming == ReplacementTiming.Advance
        && ReceiptState == ReceiptState.Expected && !MismatchAccepted && State is ShipmentState.Reserved or ShipmentState.Backordered;

    /// <summary>Looks where the announced device is, before a unit leaves in advance. Only when <see cref="HasToLookForDevice"/>.</summary>
    /// <param name="arrived">The returns under which devices of its number came in.</param>
    public void LookForDevice(IEnumerable<ShipmentRequest> arrived) => IsDeviceGivenUp = CameBackIn(arrived) is not null;

    /// <summary>The announced device came back in another return.</summary>
    public IEnumerable<object> GiveUpDevice()
    {
        IsDeviceGivenUp = true;
        return [];
    }

    private ShipmentRequest? CameBackIn(IEnumerable<ShipmentRequest> arrived) =>
        arrived.FirstOrDefault(other => (other.HasDeviceHere || other.ReceivedAt >= RequestedAt) && other.MayBeOf(Sku));

    // What Inventory saw by itself is no longer so when the device is received or waived: neither can be while it is elsewhere.
    private void ForgetWhereDeviceWas() => IsDeviceGivenUp &= Coordination == CoordinationMode.Event;

    private bool MayBeOf(string? sku) => sku is null || ArrivedSku is null || ArrivedSku == sku;
}
