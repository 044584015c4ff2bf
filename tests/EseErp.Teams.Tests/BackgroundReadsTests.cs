using EseErp.Teams.Tests.Running;
using EseErp.Testing;
using EseErp.UserSupport;
using EseErp.UserSupport.Traditional;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EseErp.Teams.Tests;

/// <summary>What looks for work by itself does not read the returns that have none, however many there are.</summary>
public sealed class BackgroundReadsTests
{
    private const int Finished = 3_000;
    private const int Looks = 10;

    private const string Nowhere = "http://127.0.0.1:9";

    [Fact]
    public async Task Should_not_read_finished_traditional_returns()
    {
        await using var support = await TeamInProcess.Start(
            "user-support", builder => builder.AddUserSupport(), ("UserSupport:Traditional:SweepInterval", "00:00:00.100"),
            ("Ese:Teams:sales", Nowhere), ("Ese:Teams:inventory", Nowhere), ("Ese:Teams:manufacturing", Nowhere), ("Ese:Teams:accounting", Nowhere));
        var database = support.Database;
        await Say(
            database,
            $$$"""
            insert into returns (return_id, case_id, order_id, line_id, sku, serial_number, reason, resolution, replacement_timing, location, cost_center,
                cost_currency, mode, filed_at, correlation_id, status)
            select 'RMA-' || n, 'C', 'O', '1', 'S', 'SN-' || n, 'Defective', 'Refund', 'OnReceipt', 'W', 'CC', 'EUR', 'Traditional', now(), 'c', 'Approved'
            from generate_series(1, {{{Finished}}}) n;
            insert into traditional_returns (return_id, reported, due_at, advanced_at, failures, callback_failures)
            select 'RMA-' || n, '{"received":{},"diagnosed":{"disposition":"Scrap"},"disassembled":{}}', now() - interval '1 day', now() - interval '1 day', 0, 0
            from generate_series(1, {{{Finished}}}) n;
            """);
        await Say(database, "vacuum analyze returns");
        await Say(database, "vacuum analyze traditional_returns");
        var pace = ActivatorUtilities.CreateInstance<AutoAdvance>(support.Services);
        for (var look = 0; look < Looks; look++) await pace.AdvanceDue(CancellationToken.None);

        // A session says what it has read after a while.
        var read = await Eventually.Within(
            TimeSpan.FromSeconds(30),
            async () => (long)(await Say(database, "select sum(idx_scan + seq_scan)::bigint from pg_stat_user_tables where relname in ('returns', 'traditional_returns')"))! >= Looks
                ? (long)(await Say(database, "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint from pg_stat_user_tables where relname in ('returns', 'traditional_returns')"))!
                : -1,
            rows => rows >= 0, "the statistics");
        read.ShouldBeLessThan(Finished);
    }

    private static async Task<object?> Say(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
