using System.Diagnostics;

namespace EseErp.Testing;

/// <summary>Waits for an outcome, never for time: a test ends as soon as what it waits for is there.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);

    /// <summary>Asks again and again until the answer is yes.</summary>
    /// <param name="limit">How long the outcome may take.</param>
    /// <param name="outcome">Whether it is there.</param>
    /// <param name="whatFor">What is waited for, for the failure's message.</param>
    public static Task Within(TimeSpan limit, Func<Task<bool>> outcome, string whatFor) =>
        Within(limit, outcome, yes => yes, whatFor);

    /// <summary>Runs the assertions again and again until they hold; fails with their last complaint.</summary>
    public static Task Within(TimeSpan limit, Func<Task> assertions, string whatFor) => Within(limit, async () =>
    {
        await assertions();
        return true;
    }, whatFor);

    /// <summary>Reads a value again and again until it is as wanted; fails with the last value seen.</summary>
    /// <returns>The value that was as wanted.</returns>
    public static async Task<T> Within<T>(TimeSpan limit, Func<Task<T>> read, Func<T, bool> until, string whatFor)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            Exception? failure = null;
            var last = "";
            try
            {
                var value = await read();
                if (until(value)) return value;
                last = value is bool ? "" : $" Last seen: {value}.";
            }
            catch (Exception exception)
            {
                failure = exception;
                last = $" Last failure: {exception.Message}";
            }

            if (clock.Elapsed >= limit)
                throw new TimeoutException($"Not within {limit.TotalSeconds:0.#} s: {whatFor}.{last}", failure);
            await Task.Delay(Pause);
        }
    }
}
