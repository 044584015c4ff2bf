namespace EseErp.UserSupport.Traditional;

/// <summary>Why what was done for a return is undone.</summary>
public enum UndoCause
{
    /// <summary>A team refused for good.</summary>
    TeamRefused,

    /// <summary>Someone called the return off.</summary>
    Cancelled,

    /// <summary>The item did not come back in time.</summary>
    Overdue,

    /// <summary>A person at Sales declined the refund.</summary>
    DeclinedOnReview,
}
