using System.CommandLine;
using EseErp.Lab.Returns;
using EseErp.Lab.Simulation;
using EseErp.Launcher;
using EseErp.Launcher.CommandLine;
using EseErp.Launcher.Output;
using EseErp.Launcher.Postgres;
using EseErp.Launcher.Supervision;

namespace EseErp.Lab.CommandLine;

/// <summary><c>./ese simulate</c>: clients file returns at the running system.</summary>
internal static class SimulateCommand
{
    private const int MostReturns = 100_000;

    public static Command Create()
    {
        var defaults = new SimulationOptions { Seed = 0 };
        var clients = new Option<int>("--clients") { Description = "How many clients", DefaultValueFactory = _ => defaults.Clients }.Between(1, 1000);
        var rate = new Option<double>("--rate") { Description = "Returns per second of all clients together; they do not wait for answers", DefaultValueFactory = _ => defaults.Rate }
            .Between(0.1, 5000d);
        var time = OptionValues.Duration("--for", "How long they file", TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), defaults.For);
        var mode = new Option<string>("--mode") { Description = "event, traditional, traditional-async or mixed", DefaultValueFactory = _ => SimulationOptions.Mixed }.OneOf(SimulationOptions.Modes);
        var seed = new Option<int?>("--seed") { Description = "The same seed files the same mix at the same moments; without it a random one" }.Between(0, int.MaxValue);
        var traditional = Share("--traditional-share", "With --mode mixed: share in traditional mode", defaults.Mix.Traditional);
        var traditionalAsync = Share(
            "--traditional-async-share", "With --mode mixed: share in traditional-async mode", defaults.Mix.TraditionalAsync);
        var declined = Share("--declined", "Share that Sales has to decline", defaults.Mix.Declined);
        var faulty = Share("--faulty", "Share that is not well formed", defaults.Mix.Refused);
        var stuck = Share("--stuck", "Share whose item never comes back (needs ./ese up --no-auto-advance)", defaults.Mix.Stuck);
        var refund = Share("--refund", "Share of customers who want only money", defaults.Mix.Refund);
        var replace = Share("--replace", "Share of customers who want only another device; the rest want both", defaults.Mix.Replace);
        var advance = Share("--advance", "Share of customers who get the other device before theirs is back", defaults.Mix.Advance);
        var command = new Command("simulate", "Let clients file returns at the running system, at a fixed rate")
        {
            clients, rate, time, mode, seed, traditional, traditionalAsync, declined, faulty, stuck, refund, replace, advance,
        };
        command.Validators.Add(result =>
        {
            try
            {
                if (result.GetValue(declined) + result.GetValue(faulty) + result.GetValue(stuck) > 1)
                    result.AddError("--declined, --faulty and --stuck together must not exceed 1.");
                if (result.GetValue(traditional) + result.GetValue(traditionalAsync) > 1)
                    result.AddError("--traditional-share and --traditional-async-share together must not exceed 1.");
                if (result.GetValue(refund) + result.GetValue(replace) > 1)
                    result.AddError("--refund and --replace together must not exceed 1.");
                if (result.GetValue(rate) * result.GetValue(time).TotalSeconds > MostReturns)
                    result.AddError($"--rate times --for must not exceed {MostReturns:N0} returns.");
            }
            catch (InvalidOperationException)
            {
                // One of them cannot be read, which the library complains about by itself.
            }
        });
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new SimulationOptions
            {
                Clients = parsed.GetValue(clients),
                Rate = parsed.GetValue(rate),
                For = parsed.GetValue(time),
                Seed = parsed.GetValue(seed) ?? Random.Shared.Next(1_000_000),
                Mix = new ReturnMix
                {
                    Traditional = parsed.GetValue(mode) switch
                    {
                        SimulationOptions.Mixed => parsed.GetValue(traditional),
                        PlannedReturn.Traditional => 1,
                        _ => 0,
                    },
                    TraditionalAsync = parsed.GetValue(mode) switch
                    {
                        SimulationOptions.Mixed => parsed.GetValue(traditionalAsync),
                        PlannedReturn.TraditionalAsync => 1,
                        _ => 0,
                    },
                    Declined = parsed.GetValue(declined),
                    Refused = parsed.GetValue(faulty),
                    Stuck = parsed.GetValue(stuck),
                    Refund = parsed.GetValue(refund),
                    Replace = parsed.GetValue(replace),
                    Advance = parsed.GetValue(advance),
                },
            },
            cancellationToken));
        return command;
    }

    private static Option<double> Share(string name, string description, double usual) =>
        new Option<double>(name) { Description = $"{description}, from 0 to 1", DefaultValueFactory = _ => usual }.Between(0d, 1d);

    private static async Task<int> RunAsync(SimulationOptions options, CancellationToken cancellationToken)
    {
        var system = SystemState.Running(Checkout.WorkDirectory)
            ?? throw new LauncherException("No system is running from this checkout; start one with ./ese up.");
        var run = new SimulationRun(options, system, ProvisionedDatabases.Of(system));
        await run.RunAsync(Screen.Line, cancellationToken);
        SimulationScreen.ShowTotals(run.Tally, run.Sent);
        if (cancellationToken.IsCancellationRequested)
            return 130;
        // What the system did is for the reader to judge; a return without an answer is not.
        return run.Tally.Answered.All(each => each.Filed.Answer != FilingAnswer.None) ? 0 : 1;
    }
}
