namespace EseErp.DemoData;

/// <summary>
/// The only source of chance in the demo data: SplitMix64 (Steele, Lea, Flood 2014; constants as published by Vigna).
/// </summary>
/// <remarks>
/// Not <see cref="Random"/>, because its algorithm for a given seed may change between versions of .NET, and the demo
/// data must be the same on every machine. Every order and customer has a generator of its own, derived from the seed
/// and its number, which makes any of them computable without those before it.
/// </remarks>
internal struct SplitMix64(ulong state)
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;

    private ulong state = state;

    /// <summary>The generator of one numbered thing; <paramref name="kind"/> keeps order 7 and customer 7 apart.</summary>
    public static SplitMix64 For(int seed, DemoKind kind, int number)
    {
        var mixed = Mix((uint)seed + GoldenGamma);
        mixed = Mix(mixed ^ ((ulong)kind * GoldenGamma));
        return new SplitMix64(Mix(mixed ^ (uint)number));
    }

    public ulong Next() => Mix(state += GoldenGamma);

    /// <summary>A whole number from 0 up to, not including, <paramref name="bound"/>.</summary>
    public int Below(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    /// <summary>A whole number from <paramref name="first"/> to <paramref name="last"/>, both included.</summary>
    public int Between(int first, int last) => first + Below(last - first + 1);

    public T Pick<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}

/// <summary>What a generator is for. The numbers are part of the data: changing one changes what is generated.</summary>
internal enum DemoKind
{
    Order = 1,
    Customer = 2,
    Stock = 3,
    Serial = 4,
    Reason = 5,
}
