using System.CommandLine;
using EseErp.Lab.CommandLine;

namespace EseErp.Lab.Tests;

/// <summary>What is typed wrong is refused in words that say what is wanted.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--clients 0", "--clients must be from 1 to 1,000.")]
    [InlineData("--rate 0", "--rate must be from 0.1 to 5,000.")]
    [InlineData("--for 0", "--for must be a time from 1s to 24h, such as 30, 30s or 2m, not '0'.")]
    [InlineData("--mode both", "--mode must be one of: event, traditional, traditional-async, mixed; not 'both'.")]
    [InlineData("--stuck 2", "--stuck must be from 0 to 1.")]
    [InlineData("--declined 0.6 --faulty 0.6", "together must not exceed 1.")]
    [InlineData("--rate 5000 --for 3600", "--rate times --for must not exceed 100,000 returns.")]
    [InlineData("--seed many", "many")]
    public void Should_refuse_simulations_that_make_no_sense(string arguments, string complaint) => Refused(SimulateCommand.Create(), arguments, complaint);

    [Theory]
    [InlineData("--faults -1", "--faults must be from 0 to 1,000.")]
    [InlineData("--returns 0", "--returns must be from 1 to 100,000.")]
    [InlineData("--seed -5", "--seed must be from 0 to 2,147,483,647.")]
    [InlineData("--traditional-share 1.5", "--traditional-share must be from 0 to 1.")]
    [InlineData("--broker rabbit", "--broker must be one of: ")]
    [InlineData("--patience 3", "--patience must be from 10 to 3,600 seconds.")]
    [InlineData("--returns many", "many")]
    public void Should_refuse_chaos_that_makes_no_sense(string arguments, string complaint) => Refused(ChaosCommand.Create(), arguments, complaint);

    [Theory]
    [InlineData("--scenario calm", "--scenario must be among: rate, healthy, ")]
    [InlineData("--json report.html", "--json must not end in .html")]
    [InlineData("--rate 0", "--rate must be from 0.1 to 1,000.")]
    [InlineData("--seed -1", "--seed must be from 0 to 2,147,483,647.")]
    public void Should_refuse_comparisons_that_make_no_sense(string arguments, string complaint) => Refused(CompareCommand.Create(), arguments, complaint);

    // Help shows defaults as 00:01:00.
    [Theory]
    [InlineData("--for 30")]
    [InlineData("--for 30s")]
    [InlineData("--for 2m")]
    [InlineData("--for 00:00:30")]
    public void Should_take_a_time_as_it_is_typed_or_shown(string arguments) => SimulateCommand.Create().Parse(arguments).Errors.ShouldBeEmpty();

    [Fact]
    public void Should_refuse_other_numbers_alike()
    {
        Refused(BenchCommand.Create(), "--rounds -1", "--rounds must be from 1 to 1,000.");
        Refused(ChaosCommand.Create(), "--traditional-share half", "--traditional-share must be a number from 0 to 1, not 'half'.");
    }

    private static void Refused(Command command, string arguments, string complaint) =>
        command.Parse(arguments).Errors.ShouldContain(error => error.Message.Contains(complaint));
}
