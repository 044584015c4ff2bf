namespace EseErp.Contracts;

/// <summary>
/// The next version of a fact. It says how to make it from the version before. Consumers only see the newest version of a
/// fact, whatever version was recorded. Versions form a chain, so v3 needs to know only v2.
/// <code>
/// [EventType("ese.sales.refund-issued.v2")]
/// public sealed record RefundIssuedV2(string ReturnId, decimal Amount, string Currency, string Method)
///     : INextVersionOf&lt;RefundIssued, RefundIssuedV2&gt;
/// {
///     public static RefundIssuedV2 From(RefundIssued earlier) =&gt; new(earlier.ReturnId, earlier.Amount, earlier.Currency, "unknown");
/// }
/// </code>
/// </summary>
/// <typeparam name="TEarlier">The version before.</typeparam>
/// <typeparam name="TSelf">This version.</typeparam>
public interface INextVersionOf<in TEarlier, out TSelf>
    where TEarlier : class
    where TSelf : class, INextVersionOf<TEarlier, TSelf>
{
    /// <summary>Upcasts: what the earlier version says, in the words of this one. Pure, and never fails.</summary>
    static abstract TSelf From(TEarlier earlier);
}
