using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>Makes the embedded broker's records older than they are, and counts them; only its owner can.</summary>
public static class BrokerAge
{
    /// <summary>Moves the records of a topic into the past, into the segments they would be in.</summary>
    public static Task Age(this TestDatabases databases, string topic, int days) => databases.AsBrokerOwner(
        $"""
        do $$ declare d int; begin
            for d in select distinct segment - {days} from records r join topics t on t.id = r.topic_id where t.name = '{topic}' loop
                execute format('create table if not exists records_%s partition of records for values from (%s) to (%s)', d, d, d + 1);
            end loop;
        end $$;
        update records set segment = segment - {days}, time = time - interval '{days} days'
        where topic_id = (select id from topics where name = '{topic}')
        """);

    /// <summary>Loses a topic, as a standby that had not heard of it.</summary>
    public static Task ForgetTopic(this TestDatabases databases, string topic) => databases.AsBrokerOwner(
        $"""
        delete from group_offsets where topic_id = (select id from topics where name = '{topic}');
        delete from records where topic_id = (select id from topics where name = '{topic}');
        delete from heads where topic_id = (select id from topics where name = '{topic}');
        delete from topics where name = '{topic}'
        """);

    /// <summary>Sets how long the broker keeps records.</summary>
    public static Task SetRetention(this TestDatabases databases, int days) => databases.AsBrokerOwner($"update settings set retention = interval '{days} days'");

    /// <summary>How many records the embedded broker has of a topic, by a connection that no outage has broken.</summary>
    public static async Task<long> RecordsOf(this TestDatabases databases, string topic)
    {
        await using var connection = new NpgsqlConnection(databases.Server.Connect(databases.BrokerDatabase));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select count(*) from records r join topics t on t.id = r.topic_id where t.name = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topic });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task AsBrokerOwner(this TestDatabases databases, string sql)
    {
        await using var connection = new NpgsqlConnection(databases.BrokerOwner);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
