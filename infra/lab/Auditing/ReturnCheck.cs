using EseErp.Lab.Returns;

namespace EseErp.Lab.Auditing;

/// <summary>Compares the dossier of each return with what it should hold.</summary>
internal sealed class ReturnCheck(Findings findings)
{
    // A traditional return can be left incomplete and resumed more than once; every other fact happens once to a return.
    private static readonly string[] s_repeatable = ["ese.user-support.return-incomplete.v1", "ese.user-support.return-resumed.v1", "ese.user-support.teams-called.v1"];

    public void Check(Dossier dossier)
    {
        if (dossier.Filed is not { } filed)
            findings.Add(FindingKind.Doubled, "nobody who filed it knows this return", dossier.ReturnId);
        else if (filed.Answer is not FilingAnswer.Refused)
            CheckExpected(dossier, Expectation.Of(filed.Planned));
        CheckOnce(dossier);
        CheckTracking(dossier);
    }

    private void CheckExpected(Dossier dossier, Expectation expected)
    {
        foreach (var (document, team) in Documents.All)
        {
            var (due, found) = (expected.Documents.GetValueOrDefault(document), dossier.Documents.GetValueOrDefault(document));
            if (due is not null && found is null)
                findings.Add(FindingKind.Lost, $"{team} has no {document}", dossier.ReturnId);
            else if (due is null && found is not null)
                findings.Add(FindingKind.Inconsistent, $"{team} has a {document} ({found}) although nobody may have asked for it", dossier.ReturnId);
            else if (due != found)
                findings.Add(FindingKind.Unsettled, $"{team}'s {document} is {found}, not {due}", dossier.ReturnId);
        }

        foreach (var cause in expected.Journal.Where(cause => !dossier.Journal.ContainsKey(cause)))
            findings.Add(FindingKind.Lost, $"the journal has no {cause}", dossier.ReturnId);
        foreach (var cause in dossier.Journal.Keys.Except(expected.Journal))
            findings.Add(FindingKind.Inconsistent, $"the journal has a {cause} that is not due", dossier.ReturnId);
        foreach (var fact in expected.Facts.Where(fact => !dossier.Facts.ContainsKey(fact)))
            findings.Add(FindingKind.Lost, $"no {fact} is recorded", dossier.ReturnId);

        if (dossier.Tracked is not { } tracked)
            findings.Add(FindingKind.Lost, "Tracking does not know it", dossier.ReturnId);
        else if (tracked.Status != expected.Status)
            findings.Add(FindingKind.Unsettled, $"Tracking shows {tracked.Status}, not {expected.Status}", dossier.ReturnId);
        else if (!tracked.IsClosed)
            findings.Add(FindingKind.Unsettled, "Tracking has not closed it", dossier.ReturnId);
    }

    private void CheckOnce(Dossier dossier)
    {
        foreach (var (cause, entries) in dossier.Journal.Where(each => each.Value > 1))
            findings.Add(FindingKind.Doubled, $"the journal has {entries} entries for {cause}", dossier.ReturnId);
        foreach (var (fact, events) in dossier.Facts.Where(each => each.Value > 1 && !s_repeatable.Contains(each.Key)))
            findings.Add(FindingKind.Doubled, $"{fact} is recorded {events} times", dossier.ReturnId);
    }

    // Tracking hears everything the teams record, once, and repeats what they say.
    private void CheckTracking(Dossier dossier)
    {
        var recorded = dossier.Facts.Values.Sum();
        if (dossier.Timeline < recorded)
            findings.Add(FindingKind.Lost, "facts are missing in Tracking's timeline", dossier.ReturnId);
        if (dossier.Timeline > recorded)
            findings.Add(FindingKind.Doubled, "Tracking's timeline has more than was recorded", dossier.ReturnId);
        if (dossier.Tracked is not { } tracked)
            return;
        Agree(Documents.Refund, tracked.Refund);
        // Inventory says nothing about a replacement that nobody wants, nor when it stops waiting for an item.
        Agree(Documents.Replacement, tracked.Replacement ?? "NotRequested");
        if (dossier.Documents.GetValueOrDefault(Documents.Receipt) is not "Closed")
            Agree(Documents.Receipt, tracked.Item);
        Agree(Documents.Disassembly, tracked.Disassembly);
        Agree(Documents.Disposal, tracked.Disposal);

        void Agree(string document, string? shown)
        {
            if (dossier.Documents.TryGetValue(document, out var state) && state != shown)
                findings.Add(FindingKind.Inconsistent, $"{Documents.All.First(each => each.Document == document).Team}'s {document} is {state}, Tracking shows {shown}", dossier.ReturnId);
        }
    }
}
