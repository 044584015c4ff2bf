namespace EseErp.Contracts.Accounting;

/// <summary>The expected cost of disposing of the unit is provided for.</summary>
/// <param name="ProvisionalCost">The unit's landed cost from Accounting's own cost book.</param>
/// <param name="Currency">ISO 4217.</param>
[EventType("ese.accounting.asset-disposal-opened.v1")]
public sealed record AssetDisposalOpened(string ReturnId, decimal ProvisionalCost, string Currency);

/// <summary>
/// Another device came back than was announced, and was accepted: from now on the item is valued at the landed cost of that device.
/// The replacement keeps its value.
/// </summary>
/// <param name="Sku">Model of the device that came.</param>
/// <param name="ProvisionalCost">Its landed cost.</param>
/// <param name="Currency">ISO 4217.</param>
[EventType("ese.accounting.asset-disposal-revalued.v1")]
public sealed record AssetDisposalRevalued(string ReturnId, string Sku, decimal ProvisionalCost, string Currency);

/// <summary>The disposal is final and in the journal.</summary>
/// <param name="DisposalLoss">Landed cost less the recovered value; negative when more was recovered than the device cost.</param>
[EventType("ese.accounting.asset-disposal-posted.v1")]
public sealed record AssetDisposalPosted(string ReturnId, decimal DisposalLoss, decimal RecoveredValue, string Currency);

/// <summary>The provisional disposal is reversed: the return was refused or called off, or the device is not scrapped.</summary>
[EventType("ese.accounting.asset-disposal-reversed.v1")]
public sealed record AssetDisposalReversed(string ReturnId, string Reason);
