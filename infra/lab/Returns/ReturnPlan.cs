namespace EseErp.Lab.Returns;

/// <summary>Draws which returns are filed; what is drawn follows from the chance given, and each share is met to the return.</summary>
internal static class ReturnPlan
{
    public static IReadOnlyList<PlannedReturn> Draw(Random chance, int returns, ReturnMix mix, DevicePool devices) =>
        [.. Fates(chance, returns, mix).Select(fate => DrawOne(chance, fate, mix, devices))];

    private static ReturnFate[] Fates(Random chance, int returns, ReturnMix mix)
    {
        int Of(double share) => (int)Math.Round(returns * share);
        var fates = Enumerable.Repeat(ReturnFate.Declined, Of(mix.Declined))
            .Concat(Enumerable.Repeat(ReturnFate.Refused, Of(mix.Refused)))
            .Concat(Enumerable.Repeat(ReturnFate.Stuck, Of(mix.Stuck)))
            .Concat(Enumerable.Repeat(ReturnFate.Completes, returns))
            .Take(returns).ToArray();
        chance.Shuffle(fates);
        return fates;
    }

    // The same number of draws for every fate, so that the next return does not depend on this one.
    private static PlannedReturn DrawOne(Random chance, ReturnFate fate, ReturnMix mix, DevicePool devices)
    {
        var share = chance.NextDouble();
        var mode = share < mix.Traditional ? PlannedReturn.Traditional : share < mix.Traditional + mix.TraditionalAsync ? PlannedReturn.TraditionalAsync : PlannedReturn.Event;
        var wish = chance.NextDouble();
        var timing = chance.NextDouble() < mix.Advance ? "Advance" : "OnReceipt";
        var mistake = chance.Next(3);
        var resolution = wish < mix.Refund ? "Refund" : wish < mix.Refund + mix.Replace ? "Replace" : "RefundAndReplace";
        // What was given away is declined only where money is asked for.
        if (fate == ReturnFate.Declined)
            return new PlannedReturn(devices.TakeHopeless(), mode, "RefundAndReplace", timing, fate);
        // A request that is refused uses no device up.
        var device = fate == ReturnFate.Refused ? devices.TakeHopeless() : devices.TakeReturnable();
        if (fate == ReturnFate.Refused)
        {
            device = mistake switch
            {
                0 => device with { Reason = "Bored" },
                1 => device with { SerialNumber = "" },
                _ => device with { Sku = new string('X', 500) },
            };
        }

        return new PlannedReturn(device, mode, resolution, timing, fate);
    }
}
