using System.Diagnostics;
using EseErp.Launcher.Postgres;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Tests;

/// <summary>What a checkout finds on its machine, and what it takes for its own.</summary>
public sealed class CheckoutTests
{
    private readonly string _root = ThrowAwayDirectory.Create();

    [Fact]
    public async Task Should_use_an_SDK_10_though_another_dotnet_comes_first_on_the_PATH_and_nothing_is_to_be_built()
    {
        var checkout = Path.Combine(_root, "checkout");
        var launcher = Directory.CreateDirectory(Path.Combine(checkout, "infra/launcher", Checkout.BuiltInto)).FullName;
        File.WriteAllText(Path.Combine(checkout, "EseErp.sln"), "");
        File.Copy(Path.Combine(Checkout.Root, "ese"), Path.Combine(checkout, "ese"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Checkout.Root, "infra/launcher", Checkout.BuiltInto))) File.Copy(file, Path.Combine(launcher, Path.GetFileName(file)));
        Program("other/dotnet", """[ "$1" = --list-sdks ] && echo "8.0.404 [/usr/lib/dotnet/sdk]" || { echo "a .NET 8 was asked"; exit 150; }""");

        var start = new ProcessStartInfo(Path.Combine(checkout, "ese"), ["status"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{_root}/other:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        said.ShouldContain("No system is running from this checkout");
    }

    [Fact]
    public async Task Should_find_the_binaries_of_PostgreSQL_on_the_PATH_without_pg_config()
    {
        Program("postgresql/bin/postgres", "echo 'postgres (PostgreSQL) 99.1'");
        Program("postgresql/bin/initdb", "exit 1");
        Program("half/postgres", "echo 'postgres (PostgreSQL) 98.1'");

        var found = await PostgresBinaries.FindAllAsync(CancellationToken.None, $"{_root}/nowhere:{_root}/half:{_root}/postgresql/bin:{_root}/postgresql/bin");
        found[0].ShouldBe(new PostgresBinaries($"{_root}/postgresql/bin", 99));
        found.Count(installation => installation.Directory.StartsWith(_root, StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task Should_take_data_outside_of_the_checkout_along_when_it_is_moved_and_not_when_it_is_copied()
    {
        var (original, copy, elsewhere, data) = (Path.Combine(_root, "original"), Path.Combine(_root, "copy"), Path.Combine(_root, "elsewhere"), Path.Combine(_root, "data"));
        Directory.CreateDirectory(original);
        Directory.CreateDirectory(data);
        var (said, _) = (new List<string>(), WorkPlace.Claim(original, _ => { }));
        File.WriteAllText(Path.Combine(original, "postgres-data-path"), data);
        PostgresLocation.Known(original).ShouldBe(data);

        await Copy(original, copy);
        PostgresLocation.Known(copy).ShouldBeNull("even before it says that it is a copy");
        WorkPlace.Claim(copy, said.Add);
        PostgresLocation.Known(copy).ShouldBeNull();
        said.ShouldBe([$"This is a copy of {original}; the processes and data of the original stay unchanged.", $"Its data are outside of it, in {data}, so this one begins with no data."]);
        PostgresLocation.Known(original).ShouldBe(data);

        Directory.Move(original, elsewhere);
        PostgresLocation.Known(elsewhere).ShouldBe(data);
        // Meanwhile somebody clones at the old place.
        Directory.CreateDirectory(original);
        WorkPlace.Claim(original, _ => { });
        said.Clear();
        WorkPlace.Claim(elsewhere, said.Add);
        said.ShouldBe([$"This was moved here from {original}; it keeps its data."]);
        PostgresLocation.Known(elsewhere).ShouldBe(data);
        PostgresLocation.Known(original).ShouldBeNull();
        WorkPlace.Claim(elsewhere, said.Add);
        said.Count.ShouldBe(1, "it is told once");
    }

    [Fact]
    public void Should_leave_data_outside_alone_that_it_cannot_know_to_be_its_own()
    {
        // Written before a checkout said where it is.
        File.WriteAllText(Path.Combine(_root, "postgres-data-path"), "/var/tmp/ese-0000000000000000\n");
        PostgresLocation.Known(_root).ShouldBeNull();
        var said = new List<string>();
        WorkPlace.Claim(_root, said.Add);
        said.ShouldHaveSingleItem().ShouldContain("/var/tmp/ese-0000000000000000 belong to a checkout at another path");
        PostgresLocation.Known(_root).ShouldBeNull();
    }

    [Fact]
    public async Task Should_take_a_process_for_its_own_by_where_it_writes()
    {
        var (original, copy, moved) = (Path.Combine(_root, "original"), Path.Combine(_root, "copy"), Path.Combine(_root, "moved"));
        using var child = ChildProcess.Start(["/bin/sh", "-c", "read line"], Path.Combine(original, "logs", "child.out"));
        await Eventually.Within(TimeSpan.FromSeconds(10), () => Task.FromResult(child.Identity!.WritesInto(original)), yes => yes, "it writes there");
        await Copy(original, copy);
        child.Identity!.WritesInto(copy).ShouldBeFalse();
        child.Identity!.WritesInto(original[..^1]).ShouldBeFalse();
        Directory.Move(original, moved);
        child.Identity!.WritesInto(moved).ShouldBeTrue();
        child.CloseInput();
    }

    private static async Task Copy(string from, string to) => (await SystemCommand.RunAsync(["cp", "-a", from, to])).Succeeded.ShouldBeTrue();

    private void Program(string name, string script)
    {
        var path = Path.Combine(_root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
