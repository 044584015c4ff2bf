using System.ComponentModel.DataAnnotations;

namespace EseErp.Contracts;

/// <summary>Why something is called off, for people; at most 500 characters.</summary>
public sealed record ReasonGiven([property: Required, StringLength(500)] string Reason);
