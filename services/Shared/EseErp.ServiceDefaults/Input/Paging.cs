using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;

namespace EseErp.ServiceDefaults;

/// <summary>How a client pages through a list: <c>[AsParameters] Paging paging</c>.</summary>
/// <param name="After">Where the previous page ended: its <c>next</c>. Opaque. Without it the list starts at its beginning.</param>
/// <param name="Limit">The most items wanted, 1 to 500; 50 if not given.</param>
public sealed record Paging(
    [property: FromQuery(Name = "after"), StringLength(200)] string? After = null,
    [property: FromQuery(Name = "limit"), Range(1, Paging.MaxLimit), DefaultValue(Paging.DefaultLimit)] int? Limit = null)
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

/// <summary>Makes pages.</summary>
public static class Page
{
    /// <summary>A page of a list that was read one item further than <paramref name="size"/>, to know whether there is more.</summary>
    /// <param name="cursor">What the next page begins after.</param>
    public static Page<T> Of<T>(IEnumerable<T> read, int size, Func<T, string> cursor)
    {
        var items = read.ToList();
        if (items.Count <= size) return new Page<T>(items, null);
        items.RemoveRange(size, items.Count - size);
        return new Page<T>(items, cursor(items[^1]));
    }
}
