using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using EseErp.Launcher.Api;
using EseErp.Launcher.Output;

namespace EseErp.Launcher.CommandLine;

/// <summary>
/// <c>./ese dead-letters</c>: what the services could not apply. <c>show sales 17</c>, <c>redrive sales</c>,
/// <c>discard sales 17 --reason "…"</c>.
/// </summary>
internal static class DeadLettersCommand
{
    private const int MostListed = 50;

    private static readonly string[] s_reasons = ["Exhausted", "Unreadable", "UnknownVersion", "Behind", "Conflict"];

    public static Command Create()
    {
        var list = List();
        var command = new Command("dead-letters", "Show, re-drive or discard events that the services could not apply; without a subcommand, list all that are open")
        {
            list, Show(), Redrive(), Discard(),
        };
        command.SetAction((_, cancellationToken) => ListAsync(null, new LetterFilter(null, null, null), false, MostListed, cancellationToken));
        return command;
    }

    private static Command List()
    {
        var team = Team();
        var filter = new FilterOptions();
        var all = new Option<bool>("--all") { Description = "Also those that were re-driven or discarded" };
        var limit = new Option<int>("--limit", "-n") { Description = "How many per service", DefaultValueFactory = _ => MostListed }.Between(1, 10_000);
        var groups = new Option<bool>("--groups") { Description = "Show groups: what the letters have in common" };
        var command = new Command("list", "List open letters, oldest first") { team, all, limit, groups };
        filter.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(groups) is { Implicit: false } && filter.AnyIn(result))
                result.AddError("--groups cannot be combined with --reason, --type or --key: groups are of all letters.");
        });
        command.SetAction((parsed, cancellationToken) => parsed.GetValue(groups)
            ? GroupsAsync(parsed.GetValue(team), parsed.GetValue(all), cancellationToken)
            : ListAsync(parsed.GetValue(team), filter.Read(parsed), parsed.GetValue(all), parsed.GetValue(limit), cancellationToken));
        return command;
    }

    private static Command Show()
    {
        var (team, id) = (TeamOfOne(), Id());
        var command = new Command("show", "Show one letter, with its exception and its record") { team, id };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = EseClient.OfRunningSystem();
            var letter = await new DeadLetters(client).ReadAsync(ServiceCatalog.Find(parsed.GetValue(team)!).Team, parsed.GetValue(id), cancellationToken);
            foreach (var (path, value) in letter.Flatten())
                Screen.Line($"{path}: {value}");
            return 0;
        });
        return command;
    }

    private static Command Redrive()
    {
        var (team, id) = (Team(), new Option<long?>("--id") { Description = "Only the key of this letter, from its first open letter on" }.Between(1, long.MaxValue));
        var filter = new FilterOptions();
        var command = new Command("redrive", "Apply letters again, once the cause is repaired; exit code 0 only if none failed") { team, id };
        filter.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(id) is not { Implicit: false }) return;
            if (filter.AnyIn(result))
                result.AddError("--id names one letter; it cannot be combined with --reason, --type or --key.");
            if (result.GetResult(team) is not { Tokens.Count: > 0 })
                result.AddError($"Which service's letter? One of {Teams}.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = EseClient.OfRunningSystem();
            var letters = new DeadLetters(client);
            var failed = 0;
            foreach (var service in Named(parsed.GetValue(team)))
            {
                var result = parsed.GetValue(id) is { } one
                    ? await letters.RedriveAsync(service, one, cancellationToken)
                    : await letters.RedriveAsync(
                        service, filter.Read(parsed), run => Screen.Line($"{service}: re-drive {run.Text("id")}, {run.Text("redriven")} applied so far…"), cancellationToken);
                failed += Tell(service, result);
            }

            return failed == 0 ? 0 : 1;
        });
        return command;
    }

    private static Command Discard()
    {
        var (team, id) = (TeamOfOne(), Id());
        var reason = new Option<string>("--reason") { Description = "Why it must never be applied; kept with the letter (required)", Required = true };
        var by = new Option<string>("--by") { Description = "Who decides; kept with the letter", DefaultValueFactory = _ => Environment.UserName };
        var command = new Command("discard", "Decide that a letter is never applied; what waits behind it is applied") { team, id, reason, by };
        foreach (var text in new[] { reason, by })
            text.Validators.Add(result =>
            {
                if (result.Tokens.Count > 0 && string.IsNullOrWhiteSpace(result.Tokens[^1].Value))
                    result.AddError($"{text.Name} must not be empty.");
            });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = EseClient.OfRunningSystem();
            var service = ServiceCatalog.Find(parsed.GetValue(team)!).Team;
            var result = await new DeadLetters(client).DiscardAsync(
                service, parsed.GetValue(id), parsed.GetValue(reason)!.Trim(), parsed.GetValue(by)!.Trim(), cancellationToken);
            Screen.Line($"{service}: dead letter {parsed.GetValue(id)} is discarded.");
            return Tell(service, result) == 0 ? 0 : 1;
        });
        return command;
    }

    private static async Task<int> ListAsync(string? team, LetterFilter filter, bool all, int limit, CancellationToken cancellationToken)
    {
        using var client = EseClient.OfRunningSystem();
        var letters = new DeadLetters(client);
        return await ShowAsync(
            ["Service", "Id", "Since", "Reason", "Key", "Event", "Error", "State"], team,
            async service => (await letters.ListAsync(service, filter, all, limit, cancellationToken)).Select(letter => (IReadOnlyList<string>)
            [
                service, letter.Text("id")!, Time(letter.Text("deadAt")), letter.Text("reason")!, letter.Text("key")!, letter.Text("type") ?? "–", Short(letter.Text("error")),
                letter.Text("discardedBy") is { } by ? $"discarded by {by}" : letter.Text("redrivenAt") is not null ? "re-driven" : "open",
            ]));
    }

    private static async Task<int> GroupsAsync(string? team, bool all, CancellationToken cancellationToken)
    {
        using var client = EseClient.OfRunningSystem();
        var letters = new DeadLetters(client);
        return await ShowAsync(
            ["Service", "Count", "Reason", "Event", "Exception", "Error", "First", "Last", "Example"], team,
            async service => (await letters.GroupsAsync(service, all, cancellationToken)).Select(group => (IReadOnlyList<string>)
            [
                service, group.Text("count")!, group.Text("reason")!, group.Text("type") ?? "–", group.Text("exception") ?? "–", Short(group.Text("error")),
                Time(group.Text("first")), Time(group.Text("last")), group.Text("example")!,
            ]));
    }

    /// <summary>A table over the services; one that does not answer is told of, and the others are shown.</summary>
    private static async Task<int> ShowAsync(IReadOnlyList<string> headers, string? team, Func<string, Task<IEnumerable<IReadOnlyList<string>>>> read)
    {
        var (rows, unread) = (new List<IReadOnlyList<string>>(), new List<string>());
        foreach (var service in Named(team))
        {
            try
            {
                rows.AddRange(await read(service));
            }
            catch (LauncherException failure)
            {
                unread.Add(failure.Message);
            }
        }

        if (rows.Count > 0) Screen.Table(headers, rows);
        else if (unread.Count == 0) Screen.Line("There are no dead letters.");
        foreach (var failure in unread) Screen.Error(failure);
        return unread.Count == 0 ? 0 : 1;
    }

    private static int Tell(string service, JsonElement result)
    {
        var failed = result.TryGetProperty("failed", out var failures) ? failures.EnumerateArray().ToList() : [];
        var keys = int.Parse(result.Text("failedKeys") ?? failed.Count.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        Screen.Line($"{service}: {result.Text("redriven")} applied, {keys} keys still fail.");
        foreach (var failure in failed)
            Screen.Line($"  {failure.Text("id")} of {failure.Text("key")}: {Short(failure.Text("error"))}");
        return keys;
    }

    private static string Teams => string.Join(", ", ServiceCatalog.All.Select(service => service.Team));

    private static IEnumerable<string> Named(string? team) => team is null ? ServiceCatalog.All.Select(service => service.Team) : [ServiceCatalog.Find(team).Team];

    private static Argument<string?> Team() => new("service") { Description = "For example sales; without it all services", Arity = ArgumentArity.ZeroOrOne };

    private static Argument<string> TeamOfOne() => new("service") { Description = "For example sales" };

    private static Argument<long> Id() => new("id")
    {
        Description = "The id in the list",
        CustomParser = result => long.TryParse(OptionValues.Text(result), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0
            ? id
            : OptionValues.Refuse<long>(result, $"The id must be a whole number from 1, as in the list, not '{OptionValues.Text(result)}'."),
    };

    private static string Time(string? time) =>
        DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, out var at) ? at.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : "–";

    private static string Short(string? text)
    {
        var line = (text ?? "–").Split('\n')[0].Trim();
        return line.Length > 80 ? line[..79] + "…" : line;
    }

    /// <summary>Which letters are meant.</summary>
    private sealed class FilterOptions
    {
        private readonly Option<string?> _reason = new("--reason")
        {
            Description = $"Only letters with this reason: {string.Join(", ", s_reasons)}",
            CustomParser = result => s_reasons.FirstOrDefault(reason => string.Equals(reason, OptionValues.Text(result), StringComparison.OrdinalIgnoreCase))
                ?? OptionValues.Refuse<string>(result, $"--reason must be one of: {string.Join(", ", s_reasons)}; not '{OptionValues.Text(result)}'."),
        };

        private readonly Option<string?> _type = new("--type") { Description = "Only letters of this event type, such as ese.sales.refund-issued.v1" };
        private readonly Option<string?> _key = new("--key") { Description = "Only letters of this key, which is the return id" };

        public void AddTo(Command command)
        {
            foreach (var option in new[] { _reason, _type, _key }) command.Options.Add(option);
        }

        public bool AnyIn(CommandResult result) => new[] { _reason, _type, _key }.Any(option => result.GetResult(option) is { Implicit: false });

        public LetterFilter Read(ParseResult parsed) => new(parsed.GetValue(_reason), parsed.GetValue(_type), parsed.GetValue(_key));
    }
}
