using EseErp.Architecture.Tests.Reading;
using EseErp.Architecture.Tests.Rules;

namespace EseErp.Architecture.Tests;

/// <summary>The house style, as far as a machine can tell.</summary>
public sealed class StyleTests
{
    [Fact]
    public void Should_seal_classes_that_nobody_derives_from()
    {
        Repository.Product.SelectMany(project => project.Types).SelectMany(SealingRule.Faults).ShouldBeEmpty();
        Repository.Samples.MainModule.Types.SelectMany(SealingRule.Faults)
            .ShouldContain("EseErp.Architecture.Tests.Samples.Unsealed is neither sealed nor abstract");
        Repository.Samples.MainModule.Types.SelectMany(SealingRule.Faults)
            .ShouldContain("EseErp.Architecture.Tests.Samples.Outer/UnsealedInside is neither sealed nor abstract");
    }

    [Fact]
    public void Should_hold_patterns_against_the_whole_text()
    {
        Repository.Product.SelectMany(project => project.Types).SelectMany(PatternRule.Faults).ShouldBeEmpty();
        Repository.Samples.MainModule.Types.SelectMany(PatternRule.Faults)
            .ShouldBe([@"EseErp.Architecture.Tests.Samples.LooselyAnchored has the pattern ^[A-Z]+$"]);
    }

    [Fact]
    public void Should_keep_files_short()
    {
        var files = Repository.SourceFiles().ToList();
        files.Count.ShouldBeGreaterThan(200);
        SizeRules.TooLong(files, SizeRules.LongestFile).ShouldBeEmpty();
    }

    [Fact]
    public void Should_tell_a_whole_service_in_a_short_Program()
    {
        var programs = Repository.SourceFiles("services").Where(file => file.Name.EndsWith("/Program.cs")).ToList();
        programs.Count.ShouldBe(Repository.Services.Count);
        SizeRules.TooLong(programs, SizeRules.LongestProgram).ShouldBeEmpty();
    }

    [Fact]
    public void Should_notice_a_file_that_is_too_long() =>
        SizeRules.TooLong(Repository.SourceFiles("tests/EseErp.Architecture.Tests"), longest: 10)
            .ShouldContain(fault => fault.StartsWith("tests/EseErp.Architecture.Tests/StyleTests.cs has "));
}
