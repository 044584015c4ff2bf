namespace EseErp.Lab.Returns;

/// <summary>What User Support said to a return.</summary>
internal enum FilingAnswer
{
    /// <summary>Taken (202), or carried through the teams (201).</summary>
    Accepted,

    /// <summary>Taken, and a team was away (502, 504): it waits to be resumed. It counts as accepted.</summary>
    Incomplete,

    /// <summary>Sales declined it at once (409).</summary>
    Declined,

    /// <summary>Another answer, which only a request that is not well formed should get.</summary>
    Refused,

    /// <summary>No definite answer in all the time there was.</summary>
    None,
}

/// <summary>A return as its client knows it.</summary>
/// <param name="ReturnId">Null when no answer named one.</param>
internal sealed record FiledReturn(PlannedReturn Planned, FilingAnswer Answer, string? ReturnId, int Status)
{
    /// <summary>The answer said what was decided: carried through all teams, or declined. 202 says that it was taken, and no more.</summary>
    public bool HoldsTheDecision => Answer == FilingAnswer.Declined || this is { Answer: FilingAnswer.Accepted, Status: 200 or 201 };

    public bool IsAccepted => Answer is FilingAnswer.Accepted or FilingAnswer.Incomplete;
}
