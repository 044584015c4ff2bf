using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.Sales.Valuations;
using FsCheck;
using FsCheck.Fluent;

namespace EseErp.Domain.Tests.Sales;

public sealed class ValuationTests
{
    private const string Id = "01a1f9f6-66be-7973-bf64-3bca8f9556fe";

    // Cents and factors as people use them, and what nobody should: too large, negative, no number at all.
    private static readonly Gen<string> Operands = Gen.OneOf(
        Gen.Choose(-100_000, 100_000).Select(cents => Text(cents / 100m)),
        Gen.Choose(0, 2_000).Select(thousandths => Text(thousandths / 1000m)),
        Gen.Elements("1000000000000", "-1000000000000.01", "1e12", "1e13", "1e400", "1e-400", "NaN", "Infinity", "abc", " 1", "1,5", "0x10", "1.", ".5", "--1", "٣"));

    private static readonly Gen<List<(ValuationOperation Operation, string Operand)>> Commands =
        Gen.Elements(Enum.GetValues<ValuationOperation>()).Zip(Operands, (operation, operand) => (operation, operand)).ListOf().Select(list => list.ToList());

    [Theory]
    [InlineData("ADD", "9.90", "109.90")]
    [InlineData("ADD", "-9.90", "90.10")]
    [InlineData("MULTIPLY", "0.85", "85")]
    [InlineData("MULTIPLY", "1e-2", "1")]
    [InlineData("MULTIPLY", "0", "0")]
    [InlineData("ADD", "999999999900", "1000000000000")]
    public void Should_apply_a_change(string operation, string operand, string after) =>
        Valuation.Judge(Opened(100), Asked(operation, operand)).ShouldBeOfType<ValuationChanged>().After.ShouldBe(decimal.Parse(after));

    [Theory]
    [InlineData("ADD", "abc", ValuationRejection.NotANumber)]
    [InlineData("MULTIPLY", "NaN", ValuationRejection.NotANumber)]
    [InlineData("MULTIPLY", "Infinity", ValuationRejection.NotANumber)]
    [InlineData("ADD", "", ValuationRejection.NotANumber)]
    [InlineData("ADD", "1 ", ValuationRejection.NotANumber)]
    [InlineData("ADD", "1\n", ValuationRejection.NotANumber)]
    [InlineData("MULTIPLY", "-0.85", ValuationRejection.NegativeFactor)]
    [InlineData("ADD", "1e400", ValuationRejection.Overflow)]
    [InlineData("ADD", "1e25", ValuationRejection.Overflow)]
    [InlineData("ADD", "999999999900.01", ValuationRejection.Overflow)]
    [InlineData("MULTIPLY", "10000000000.1", ValuationRejection.Overflow)]
    [InlineData("ADD", "-1000000000000.1", ValuationRejection.Overflow)]
    public void Should_reject_a_change_with_the_reason(string operation, string operand, ValuationRejection reason)
    {
        var valuation = Opened(100);

        var rejected = Valuation.Judge(valuation, Asked(operation, operand)).ShouldBeOfType<ValuationChangeRejected>();
        valuation.Apply(rejected);

        (rejected.Reason, rejected.Operand).ShouldBe((reason, operand));
        (valuation.Value, valuation.Version).ShouldBe((100m, 2));
    }

    [Fact]
    public void Should_reject_a_change_of_what_is_not_there() =>
        Valuation.Judge(null, Asked("ADD", "abc")).ShouldBeOfType<ValuationChangeRejected>().Reason.ShouldBe(ValuationRejection.UnknownId);

    [Fact]
    public void Should_round_only_at_the_end()
    {
        var valuation = Opened(0.05m);
        foreach (var operand in new[] { "0.5", "0.5", "4" }) valuation.Apply(Valuation.Judge(valuation, Asked("MULTIPLY", operand)));

        valuation.Value.ShouldBe(0.05m);
    }

    [Fact]
    public void Should_be_a_plain_fold_of_its_commands_whatever_is_rejected() => Prop.ForAll(Commands.ToArbitrary(), commands =>
    {
        var valuation = Opened(100);
        var expected = 100m;
        foreach (var (operation, operand) in commands)
        {
            var outcome = Valuation.Judge(valuation, Asked(operation.ToString(), operand));
            valuation.Apply(outcome);
            expected = Plain(expected, operation, operand);
            valuation.Value.ShouldBe(expected);
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Should_have_the_same_value_when_its_stream_is_read_again() => Prop.ForAll(Commands.ToArbitrary(), commands =>
    {
        var valuation = Opened(100);
        var stream = new List<object> { new ValuationOpened(Id, "c", 100, "EUR") };
        foreach (var (operation, operand) in commands)
        {
            stream.Add(Valuation.Judge(valuation, Asked(operation.ToString(), operand)));
            valuation.Apply(stream[^1]);
        }

        var again = Valuation.Of(stream).ShouldNotBeNull();
        (again.Value, again.Version).ShouldBe((valuation.Value, valuation.Version));
        again.Version.ShouldBe(stream.Count);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    // Written apart from the rules: with arithmetic that has no bounds.
    private static decimal Plain(decimal before, ValuationOperation operation, string operand)
    {
        var isNumber = double.TryParse(operand, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var about)
            && double.IsFinite(about) && operand.All(c => char.IsAsciiDigit(c) || c is '+' or '-' or '.' or 'e') && !operand.EndsWith('.') && !operand.StartsWith('.');
        if (!isNumber || Math.Abs(about) > 1e12) return before;
        var number = decimal.Parse(operand, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture);
        if (operation == ValuationOperation.MULTIPLY && number < 0) return before;
        var after = operation == ValuationOperation.ADD ? before + number : before * number;
        return after is > 1_000_000_000_000m or < -1_000_000_000_000m || Math.Abs(number) > 1_000_000_000_000m ? before : after;
    }

    private static Valuation Opened(decimal value) => Valuation.Opened(new ValuationOpened(Id, "c", value, "EUR"));

    private static ValuationChangeRequested Asked(string operation, string operand) => new(Id, "c", Enum.Parse<ValuationOperation>(operation), operand);

    private static string Text(decimal number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
