namespace EseErp.Lab.Returns;

/// <summary>A return that is to be filed at a certain time, whatever became of those before it.</summary>
/// <param name="At">Since the beginning.</param>
/// <param name="Client">Who files it, from 0.</param>
internal sealed record Arrival(int Number, TimeSpan At, int Client, PlannedReturn Planned, string Key)
{
    public PlannedRequest Request => PlannedRequest.Single(Planned, Key, Number);
}

/// <summary>When returns arrive: at random around a rate, as customers do who do not know of each other. It follows from the chance given.</summary>
internal static class Arrivals
{
    /// <param name="rate">Arrivals per second at a time since the beginning; never above <paramref name="peak"/>.</param>
    public static IReadOnlyList<TimeSpan> Times(Random chance, TimeSpan duration, double peak, Func<TimeSpan, double> rate)
    {
        var times = new List<TimeSpan>();
        for (var at = Gap(); at < duration; at += Gap())
        {
            // Candidates at the peak rate, of which as many stay as the rate of that moment wants.
            if (chance.NextDouble() * peak < rate(at))
                times.Add(at);
        }

        return times;

        TimeSpan Gap() => TimeSpan.FromSeconds(-Math.Log(1 - chance.NextDouble()) / peak);
    }

    public static IReadOnlyList<Arrival> Of(Random chance, IReadOnlyList<TimeSpan> times, IReadOnlyList<PlannedReturn> returns, int clients, string run) =>
    [
        .. returns.Zip(times, (planned, at) => (planned, at))
            .Select((each, number) => new Arrival(number, each.at, chance.Next(clients), each.planned, $"{run}-{number}")),
    ];
}
