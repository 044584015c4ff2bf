using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;

namespace EseErp.ServiceDefaults;

/// <summary>How a client pages through a list: <c>[AsParameters] Paging paging</c>.</summary>
/// <param name="After">Where the previous page ended: its <c>next</c>. Opaque. Without it the list starts at its beginning.</param>
/// <param name="Limit">The most items wanted, 1 to 500; 50 if not given.</param>
public sealed record Paging(
    [property: FromQuery(Name = "after"), StringLength(200)] string? After = null,
    [property: FromQuery(Name = "limit"), Range(1, Paging.MaxLimit)] int? Limit = null)
{
    /// <summary>The page size when the client names none.</summary>
    public const int DefaultLimit = 50;

    /// <summary>The largest page.</summary>
    public const int MaxLimit = 500;

    /// <summary>The page size to use.</summary>
    public int Size => Limit ?? DefaultLimit;
}

/// <summary>One page of a list.</summary>
/// <param name="Items">In the list's order.</param>
/// <param name="Next">Pass it as <c>after</c> for the next page; null at the end.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
