namespace EseErp.Contracts.Manufacturing;

/// <summary>The workbench will take the item apart when it has arrived.</summary>
[EventType("ese.manufacturing.disassembly-order-opened.v1")]
public sealed record DisassemblyOrderOpened(string ReturnId, string Sku);

/// <summary>The item was inspected.</summary>
/// <param name="FaultCode">Such as <c>BATTERY_SWOLLEN</c> or <c>NO_FAULT_FOUND</c>.</param>
[EventType("ese.manufacturing.item-diagnosed.v1")]
public sealed record ItemDiagnosed(string ReturnId, string FaultCode, Disposition Disposition);

/// <summary>The received serial number is not the requested one; the refund is held.</summary>
[EventType("ese.manufacturing.item-mismatch.v1")]
public sealed record ItemMismatch(string ReturnId, string ExpectedSerialNumber, string ReceivedSerialNumber);

/// <summary>The item was taken apart.</summary>
/// <param name="RecoveredValue">Value of the good parts, in <paramref name="Currency"/>; zero or more.</param>
/// <param name="LabourCost">Cost of the work, in <paramref name="Currency"/>; zero or more.</param>
/// <param name="Currency">ISO 4217.</param>
[EventType("ese.manufacturing.disassembly-completed.v1")]
public sealed record DisassemblyCompleted(string ReturnId, decimal RecoveredValue, decimal LabourCost, string Currency);

/// <summary>The item will not be taken apart.</summary>
[EventType("ese.manufacturing.disassembly-order-cancelled.v1")]
public sealed record DisassemblyOrderCancelled(string ReturnId, string Reason);
