using Microsoft.Extensions.Hosting;

namespace EseErp.ServiceDefaults;

/// <summary>A setting without which a service cannot start. The process ends with a sentence that says where to get it, and without a stack trace.</summary>
public sealed class MissingSettingException(string setting, IHostEnvironment environment)
    : Exception($"{setting} is not set. To run {environment.ApplicationName} by itself, start the others with ./ese up -d --except {TeamOf(environment)}, then run ./ese env {TeamOf(environment)} --user-secrets.")
{
    /// <summary>Ends the process with the sentence alone when nobody catches it.</summary>
    internal static void EndsTheProcessPlainly() => AppDomain.CurrentDomain.UnhandledException += static (_, unhandled) =>
    {
        if (unhandled.ExceptionObject is not MissingSettingException missing) return;
        Console.Error.WriteLine(missing.Message);
        Environment.Exit(1);
    };

    private static string TeamOf(IHostEnvironment environment)
    {
        var name = environment.ApplicationName.Split('.')[^1];
        return string.Concat(name.Select((letter, index) => char.IsUpper(letter) && index > 0 ? $"-{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));
    }
}
