using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EseErp.Contracts.Sales;

/// <summary>Opens a valuation (<c>POST /valuations</c>).</summary>
/// <param name="Value">The first value.</param>
/// <param name="Currency">ISO 4217: what the value is rounded for.</param>
public sealed record OpenValuation(
    [property: Range(typeof(decimal), "0", "1000000000000")] decimal Value,
    [property: StringLength(3, MinimumLength = 3), CurrencyCode] string Currency = "EUR");

/// <summary>Changes a valuation (<c>PUT /valuations/{valuationId}</c>).</summary>
/// <param name="Value">
/// The operand: a JSON number, or a text of at most 40 characters. A text that is no number, or a number that is too large, is accepted like any
/// command and rejected when its turn comes; the outcome says why.
/// </param>
public sealed record ChangeValuation(ValuationOperation Operation, JsonElement Value) : IValidatableObject
{
    /// <summary>Longest operand, in characters.</summary>
    public const int LongestOperand = 40;

    /// <summary>The operand as it was sent.</summary>
    public string Operand() => Value.ValueKind == JsonValueKind.String ? Value.GetString()! : Value.GetRawText();

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Value.ValueKind is not (JsonValueKind.Number or JsonValueKind.String))
            yield return new ValidationResult("must be a number, or a number as text", [nameof(Value)]);
        else if (!IsText() || Operand().Length is 0 or > LongestOperand || Operand().Any(char.IsControl))
            yield return new ValidationResult($"must be 1 to {LongestOperand} characters long, without control characters", [nameof(Value)]);
    }

    // Half a character is no text.
    private bool IsText()
    {
        try
        {
            return Operand() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}

/// <summary>The outcome of a command.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ValuationCommandState>))]
public enum ValuationCommandState
{
    /// <summary>Accepted, not applied yet.</summary>
    Pending,

    /// <summary>The value has changed. Final.</summary>
    Applied,

    /// <summary>The value is unchanged. Final.</summary>
    Rejected,
}

/// <summary>A command and its outcome.</summary>
/// <param name="Operation">Null for the command that opens the valuation.</param>
/// <param name="Operand">As it was sent.</param>
/// <param name="Reason">Why it was rejected; null otherwise.</param>
/// <param name="Version">The version of the valuation's stream with the outcome; null while pending, and
/// where there is no such valuation.</param>
/// <param name="Value">The value after it, not rounded; null unless it was applied.</param>
public sealed record ValuationCommandView(
    string CommandId,
    string ValuationId,
    ValuationCommandState State,
    ValuationOperation? Operation,
    string Operand,
    ValuationRejection? Reason,
    int? Version,
    decimal? Value,
    DateTimeOffset AcceptedAt,
    DateTimeOffset? DecidedAt);

/// <summary>A valuation in a list, as it is now.</summary>
/// <param name="Value">Not rounded.</param>
/// <param name="Version">How many events its stream has; rejections count.</param>
public sealed record ValuationItem(string ValuationId, string Currency, decimal Value, int Version);

/// <summary>A valuation as of its version.</summary>
/// <param name="Value">Not rounded.</param>
/// <param name="Amount">The value, rounded half-even to the currency's minor unit.</param>
/// <param name="Version">How many events its stream has; rejections count.</param>
/// <param name="Steps">Its history, in order.</param>
public sealed record ValuationView(
    string ValuationId, decimal Value, decimal Amount, string Currency, int Version, IReadOnlyList<ValuationStepView> Steps);

/// <summary>An event of a valuation.</summary>
/// <param name="Outcome"><c>Opened</c>, <c>Changed</c> or <c>Rejected</c>.</param>
/// <param name="Operation">Null for the opening.</param>
/// <param name="Operand">As it was sent.</param>
/// <param name="Before">The value before; null for the opening, and where there is no such valuation.</param>
/// <param name="After">The value after; of a rejected change the same as before.</param>
/// <param name="Reason">Why it was rejected; null otherwise.</param>
public sealed record ValuationStepView(
    int Version,
    ValuationOutcome Outcome,
    ValuationOperation? Operation,
    string Operand,
    decimal? Before,
    decimal? After,
    ValuationRejection? Reason,
    string CommandId,
    DateTimeOffset Time);

/// <summary>What an event of a valuation says.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ValuationOutcome>))]
public enum ValuationOutcome
{
    Opened,
    Changed,
    Rejected,
}
