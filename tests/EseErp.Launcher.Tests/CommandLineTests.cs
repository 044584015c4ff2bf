using System.CommandLine;
using EseErp.Launcher.CommandLine;
using EseErp.Launcher.Output;

namespace EseErp.Launcher.Tests;

/// <summary>What is typed wrong is refused in words that say what is wanted.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("inventory --latency 500", "--latency must be a time up to 1m")]
    [InlineData("inventory --latency 2m", "--latency must be a time up to 1m")]
    [InlineData("inventory --latency 500ms±600ms", "not '500ms±600ms'")]
    [InlineData("inventory --latency 500ms,p95=400ms", "not '500ms,p95=400ms'")]
    [InlineData("inventory --errors 120%", "--errors must be a share from 0% to 100%")]
    [InlineData("inventory --errors often", "not 'often'")]
    [InlineData("inventory --slow-database 6s", "--slow-database must be a time from 1ms to 5s")]
    [InlineData("inventory --hang --for soon", "--for must be a time from 100ms to 24h")]
    [InlineData("inventory --hang --seed x", "--seed must be a whole number from 0 to 2,147,483,647, not 'x'.")]
    [InlineData("inventory --for 30s", "--for and --seed need a fault")]
    [InlineData("inventory --clear --hang", "cannot be combined")]
    [InlineData("inventory --kill --for 3s", "cannot be combined")]
    [InlineData("inventory --clear --kill", "cannot be combined")]
    [InlineData("--hang", "Which team?")]
    [InlineData("--clear", "Which team?")]
    public void Should_refuse_faults_that_make_no_sense(string arguments, string complaint) => Refused(FaultCommand.Create(), arguments, complaint);

    [Theory]
    [InlineData("")]
    [InlineData("inventory")]
    [InlineData("inventory --clear")]
    [InlineData("inventory --latency 1.5s --errors 0.2 --hang --pause-consumers --refuse --slow-database 50ms --for 2m --seed 42")]
    [InlineData("inventory --latency 500ms+-100ms")]
    [InlineData("inventory --latency 500ms±100ms --errors 20%")]
    [InlineData("inventory --latency 500ms,p95=2s")]
    public void Should_take_faults_that_do(string arguments) => FaultCommand.Create().Parse(arguments).Errors.ShouldBeEmpty();

    [Theory]
    [InlineData("--orders abc", "--orders must be a whole number from 1 to 10,000,000, not 'abc'.")]
    [InlineData("--orders 0", "--orders must be from 1 to 10,000,000.")]
    [InlineData("--orders 1.5", "not '1.5'")]
    [InlineData("--orders 99999999999", "--orders must be")]
    public void Should_refuse_a_seed_of_no_number_of_orders(string arguments, string complaint) => Refused(SeedCommand.Create(), arguments, complaint);

    [Theory]
    [InlineData("list --reason Broken", "--reason must be one of: Exhausted, Unreadable, UnknownVersion, Behind, Conflict; not 'Broken'.")]
    [InlineData("list --limit 0", "--limit must be from 1 to 10,000.")]
    [InlineData("list --groups --key RMA-2026-000001", "cannot be combined")]
    [InlineData("show sales first", "The id must be a whole number from 1, as in the list, not 'first'.")]
    [InlineData("show sales 0", "not '0'")]
    [InlineData("show sales", "Required argument missing")]
    [InlineData("redrive --id 3", "Which service's letter? One of user-support, sales")]
    [InlineData("redrive sales --id 3 --key RMA-2026-000001", "cannot be combined")]
    [InlineData("discard sales 3", "--reason")]
    [InlineData("discard sales 3 --reason", "--reason")]
    [InlineData("discard sales 3 --reason \" \"", "--reason must not be empty.")]
    [InlineData("discard sales 3 --reason why --by \"\"", "--by must not be empty.")]
    [InlineData("discard sales", "Required argument missing")]
    public void Should_refuse_dead_letters_that_make_no_sense(string arguments, string complaint) => Refused(DeadLettersCommand.Create(), arguments, complaint);

    [Theory]
    [InlineData("")]
    [InlineData("list")]
    [InlineData("list sales --all --limit 5 --reason exhausted --type ese.sales.refund-issued.v1 --key RMA-2026-000001")]
    [InlineData("list --groups")]
    [InlineData("show sales 3")]
    [InlineData("redrive")]
    [InlineData("redrive sales --reason Behind")]
    [InlineData("redrive sales --reason conflict")]
    [InlineData("redrive sales --id 3")]
    [InlineData("discard sales 3 --reason \"no event\" --by Erika")]
    public void Should_take_dead_letters_that_do(string arguments) => DeadLettersCommand.Create().Parse(arguments).Errors.ShouldBeEmpty();

    [Fact]
    public void Should_show_times_beyond_an_hour_in_minutes() => Screen.Clock(TimeSpan.FromSeconds(3725)).ShouldBe("62:05");

    [Fact]
    public void Should_refuse_other_numbers_alike() => Refused(LogsCommand.Create(), "--tail few", "--tail must be a whole number");

    [Fact]
    public void Should_be_handed_each_of_its_commands_by_ese() =>
        File.ReadLines(Path.Combine(Checkout.Root, "ese")).Single(line => line.EndsWith("program=launcher ;;", StringComparison.Ordinal))
            .Split(')')[0].Split('|', StringSplitOptions.TrimEntries).ShouldBe(EseProgram.LauncherCommands().Select(command => command.Name));

    private static void Refused(Command command, string arguments, string complaint) =>
        command.Parse(arguments).Errors.ShouldContain(error => error.Message.Contains(complaint));
}
