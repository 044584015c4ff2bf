using System.Diagnostics;
using System.Globalization;
using EseErp.Teams.Tests.AnyOrder;
using FsCheck;
using FsCheck.Fluent;
using Xunit.Abstractions;

namespace EseErp.Teams.Tests;

/// <summary>
/// Whatever is called, in any order: from where that leads, people find a way to an end. Sequences of all public calls of all
/// services; <c>ESE_ANY_ORDER</c> says how many (by default as many as half a minute allows), <c>ESE_ANY_ORDER_SEED</c> which, as a failure
/// prints it. In a long run <c>ESE_ANY_ORDER_REPORT</c> names a file: what fails is written there as it is, and the run goes on.
/// </summary>
[Collection(WholeSystemCollection.Name)]
public sealed class AnyOrderTests(WholeSystem system, ITestOutputHelper output)
{
    private const int LongestSequence = 40;

    // Without a number: so many at most, for so long.
    private const int Most = 30;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // A sequence that fails is made shorter for so long.
    private static readonly TimeSpan Shrinking = TimeSpan.FromMinutes(2);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private Stopwatch? _failing;
    private int _played;
    private int _failed;

    private static int? Count => Environment.GetEnvironmentVariable("ESE_ANY_ORDER") is { Length: > 0 } count ? int.Parse(count, CultureInfo.InvariantCulture) : null;

    [Fact]
    public void Should_have_a_way_to_an_end_from_every_state_that_calls_can_lead_to()
    {
        var runs = Config.QuickThrowOnFailure.WithMaxTest(Count ?? Most).WithStartSize(LongestSequence / 2).WithEndSize(LongestSequence);
        if (Environment.GetEnvironmentVariable("ESE_ANY_ORDER_SEED") is { Length: > 0 } seed)
        {
            var parts = seed.Split(',').Select(part => ulong.Parse(part, CultureInfo.InvariantCulture)).ToArray();
            runs = runs.WithReplay(parts[0], parts[1]);
        }

        Prop.ForAll(Sequences, sequence => Holds(sequence).GetAwaiter().GetResult()).Check(runs);
        output.WriteLine($"{_played} sequences. Calls, those that did something and those made:");
        foreach (var (call, (done, made)) in system.Tally.OrderBy(call => call.Value.Done)) output.WriteLine($"{done,6} of {made,6} {call}");
        _failed.ShouldBe(0);
    }

    [Fact]
    public void Should_know_every_endpoint_that_changes_something()
    {
        var known = PublicCalls.All.Select(call => call.Name).ToHashSet();
        var endpoints = system.Services.SelectMany(service => service.Endpoints.Select(endpoint => $"{service.Team} {endpoint.Method} {endpoint.Route}"))
            .Where(name => name.Split(' ')[1] is not ("GET" or "HEAD" or "OPTIONS")).ToHashSet();

        endpoints.Where(name => !known.Contains(name) && !IsUnconcerned(name)).ShouldBeEmpty("new: to be called in any order (PublicCalls), or to be said why not");
        known.Except(endpoints).ShouldBeEmpty("these are no endpoints any more");
        known.Count.ShouldBeGreaterThan(50);
    }

    private static bool IsUnconcerned(string name) =>
        PublicCalls.Unconcerned.ContainsKey(name) || PublicCalls.Unconcerned.Keys.Any(any => any.StartsWith('*') && name.Split(' ')[2].StartsWith(any[2..], StringComparison.Ordinal));

    private async Task<bool> Holds(Sequence sequence)
    {
        if (_failing?.Elapsed > Shrinking || (Count is null && _played > 0 && _failing is null && _clock.Elapsed > Patience)) return true;
        _played++;
        var clock = Stopwatch.StartNew();
        var play = await Play.Through(system, sequence);
        await new WayOut(system, sequence.Decisions).Take(play.Subjects);
        var faults = await Ends.Faults(system, play.Subjects);
        output.WriteLine($"{clock.Elapsed.TotalSeconds:0.0} s, {sequence.Steps.Count} steps, {play.Subjects.Count() - 1} returns, {system.Calls.Count} calls");
        if (faults.Count == 0) return true;
        var report = $"{string.Join("\n", faults)}\n\n{string.Join("\n", system.Calls)}";
        if (Environment.GetEnvironmentVariable("ESE_ANY_ORDER_REPORT") is { Length: > 0 } file)
        {
            await File.AppendAllTextAsync(file, $"===== {sequence}\n{report}\n\n");
            _failed++;
            return true;
        }

        _failing ??= Stopwatch.StartNew();
        throw new InvalidOperationException(report);
    }

    private static Arbitrary<Sequence> Sequences { get; } = Arb.From(
        from policy in Gen.Choose(0, 2)
        from decisions in Gen.Choose(0, 1_000_000)
        from steps in Gen.Sized(size => Gen.ArrayOf(Steps, size))
        select new Sequence(policy, decisions, steps),
        Shorter);

    private static Gen<Step> Steps =>
        from call in Gen.Choose(0, Play.Calls - 1)
        from subject in Gen.Choose(0, 100)
        from variant in Gen.Choose(0, 1000)
        from pace in Gen.Choose(0, 7)
        select new Step(call, subject, variant, pace == 7, pace < 2);

    // From the end in halves, and then each step alone.
    private static IEnumerable<Sequence> Shorter(Sequence sequence)
    {
        for (var cut = sequence.Steps.Count / 2; cut > 0; cut /= 2)
            for (var from = sequence.Steps.Count - cut; from >= 0; from -= cut)
                yield return sequence with { Steps = [.. sequence.Steps.Take(from), .. sequence.Steps.Skip(from + cut)] };
    }
}
