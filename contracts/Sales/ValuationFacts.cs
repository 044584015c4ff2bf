using System.Text.Json.Serialization;

namespace EseErp.Contracts.Sales;

/// <summary>An operation on a value.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ValuationOperation>))]
public enum ValuationOperation
{
    /// <summary>Adds the operand, which may be negative.</summary>
    ADD,

    /// <summary>Multiplies by the operand, which must not be negative.</summary>
    MULTIPLY,
}

/// <summary>Why a change was not applied.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ValuationRejection>))]
public enum ValuationRejection
{
    /// <summary>There is no valuation with this id.</summary>
    UnknownId,

    /// <summary>The operand or the result is farther than 1,000,000,000,000 from zero.</summary>
    Overflow,

    /// <summary>The operand is no finite decimal number.</summary>
    NotANumber,

    /// <summary>The factor is negative.</summary>
    NegativeFactor,
}

/// <summary>A command: open a valuation. On the topic <see cref="Topics.ValuationCommands"/>; accepted, not applied yet.</summary>
/// <param name="Currency">ISO 4217.</param>
[EventType("ese.sales.valuation-opening-requested.v1")]
public sealed record ValuationOpeningRequested(string ValuationId, string CommandId, decimal Value, string Currency);

/// <summary>A command: change a valuation. On the topic <see cref="Topics.ValuationCommands"/>; accepted, not applied yet.</summary>
/// <param name="Operand">A decimal number as text, as it was sent; it is checked when the command is applied.</param>
[EventType("ese.sales.valuation-change-requested.v1")]
public sealed record ValuationChangeRequested(string ValuationId, string CommandId, ValuationOperation Operation, string Operand);

/// <summary>A valuation begins. First in its stream.</summary>
/// <param name="CommandId">The command whose outcome this is.</param>
/// <param name="Currency">ISO 4217; it never changes.</param>
[EventType("ese.sales.valuation-opened.v1")]
public sealed record ValuationOpened(string ValuationId, string CommandId, decimal Value, string Currency);

/// <summary>A change was applied.</summary>
/// <param name="CommandId">The command whose outcome this is.</param>
/// <param name="Before">Not rounded.</param>
/// <param name="After">Not rounded.</param>
[EventType("ese.sales.valuation-changed.v1")]
public sealed record ValuationChanged(
    string ValuationId, string CommandId, ValuationOperation Operation, decimal Operand, decimal Before, decimal After);

/// <summary>A change was not applied; the value is unchanged. Also in the stream of an id without a valuation.</summary>
/// <param name="CommandId">The command whose outcome this is.</param>
/// <param name="Operand">As it was sent.</param>
[EventType("ese.sales.valuation-change-rejected.v1")]
public sealed record ValuationChangeRejected(
    string ValuationId, string CommandId, ValuationOperation Operation, string Operand, ValuationRejection Reason);
