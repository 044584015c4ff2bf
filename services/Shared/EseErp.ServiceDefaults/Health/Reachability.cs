using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace EseErp.ServiceDefaults;

/// <summary>Something answers and cannot be used.</summary>
/// <param name="why">For whoever asks, so without any secret, and the end of a sentence.</param>
public sealed class UnusableException(string why, Exception? inner = null) : Exception(why, inner);

/// <summary>Whether something a service cannot work without answers now.</summary>
public static class Reachability
{
    /// <summary>Longer than a busy server takes, and short enough that readiness tells within five seconds.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <param name="name">What it is, as the beginning of a sentence.</param>
    /// <param name="ask">Asks it something; throws when it does not answer as it should.</param>
    public static async Task<HealthCheckResult> Check(string name, Func<CancellationToken, Task> ask, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            // What does not heed the token is not waited for either.
            await ask(limit.Token).WaitAsync(limit.Token);
            return HealthCheckResult.Healthy($"{name} answers.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"{name} does not answer within {Limit.TotalSeconds} s.");
        }
        catch (UnusableException exception)
        {
            return HealthCheckResult.Unhealthy($"{name} cannot be used: {exception.Message}.");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The text of the exception may quote a connection string, so only its kind is told.
            return HealthCheckResult.Unhealthy($"{name} cannot be used: {exception.GetType().Name}.");
        }
    }
}
