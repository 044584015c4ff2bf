namespace EseErp.Lab.Chaos;

/// <summary>One fault to come.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Gap">Time since the fault before; short enough at times that the two overlap.</param>
/// <param name="Hold">How long it lasts, where that is for the fault to say.</param>
internal sealed record PlannedFault(int Number, FaultKind Kind, string Victim, TimeSpan Gap, TimeSpan Hold);

/// <summary>Which faults strike, whom and when; it follows from the seed.</summary>
internal static class FaultPlan
{
    public static IReadOnlyList<PlannedFault> Make(int seed, int faults, IReadOnlyList<FaultKind> kinds)
    {
        var chance = new Random(seed);
        var victims = kinds.ToDictionary(kind => kind, kind => Decks(chance, () => kind.Victims).GetEnumerator());
        // Each kind comes once before any comes twice; after that by weight.
        IReadOnlyList<FaultKind> once = kinds, byWeight = [.. kinds.SelectMany(kind => Enumerable.Repeat(kind, kind.Weight))];
        var dealt = Decks(chance, () => once).Take(kinds.Count).Concat(Decks(chance, () => byWeight));
        return
        [
            .. dealt.Take(faults).Select((kind, index) =>
            {
                victims[kind].MoveNext();
                var gap = chance.NextDouble() < 0.35 ? chance.Next(50, 600) : chance.Next(1000, 5000);
                return new PlannedFault(
                    index + 1, kind, victims[kind].Current, TimeSpan.FromMilliseconds(gap), TimeSpan.FromMilliseconds(chance.Next(2000, 14_000)));
            }),
        ];
    }

    // Cards without end: random, and yet nobody is spared for long.
    private static IEnumerable<T> Decks<T>(Random chance, Func<IReadOnlyList<T>> cards)
    {
        while (true)
        {
            var deck = cards().ToArray();
            chance.Shuffle(deck);
            foreach (var card in deck)
                yield return card;
        }
    }
}
