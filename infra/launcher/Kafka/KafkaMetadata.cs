using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace EseErp.Launcher.Kafka;

/// <summary>Asks a broker what it serves: one request of Kafka's protocol, in its first version, which old brokers know too.</summary>
internal static class KafkaMetadata
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    // Its length, the kind (metadata) and version of the request, its number, no client name, no topics: all of them.
    private static readonly byte[] s_request = [0, 0, 0, 14, 0, 3, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0];

    /// <summary>The partitions that clients can write and read, as <c>topic-partition</c>.</summary>
    /// <exception cref="IOException">The broker does not answer.</exception>
    public static async Task<IReadOnlySet<string>> ServedPartitionsAsync(int port, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        using var connection = new TcpClient { NoDelay = true };
        try
        {
            await connection.ConnectAsync("127.0.0.1", port, patience.Token);
            await connection.GetStream().WriteAsync(s_request, patience.Token);
            return Read(new Answer(await LengthPrefixed.ReadAsync(connection.GetStream(), patience.Token)));
        }
        catch (SocketException failure)
        {
            throw new IOException(failure.Message, failure);
        }
        catch (ArgumentOutOfRangeException failure)
        {
            throw new IOException("Kafka's answer is cut off.", failure);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"Kafka did not answer within {s_patience.TotalSeconds:0} s.", failure);
        }
    }

    private static HashSet<string> Read(Answer answer)
    {
        var served = new HashSet<string>();
        answer.Int();
        for (var brokers = answer.Int(); brokers > 0; brokers--)
        {
            answer.Int();
            answer.Text();
            answer.Int();
        }

        for (var topics = answer.Int(); topics > 0; topics--)
        {
            answer.Short();
            var topic = answer.Text();
            for (var partitions = answer.Int(); partitions > 0; partitions--)
            {
                var error = answer.Short();
                var partition = answer.Int();
                var leader = answer.Int();
                // The replicas, and those of them that are in sync.
                answer.Skip(4 * answer.Int());
                answer.Skip(4 * answer.Int());
                if (error == 0 && leader >= 0)
                    served.Add($"{topic}-{partition}");
            }
        }

        return served;
    }

    private sealed class Answer(byte[] content)
    {
        private int _position;

        public short Short() => BinaryPrimitives.ReadInt16BigEndian(Take(2));

        public int Int() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

        public string Text() => Encoding.UTF8.GetString(Take(Short()));

        public void Skip(int length) => Take(length);

        private ReadOnlySpan<byte> Take(int length)
        {
            var taken = content.AsSpan(_position, length);
            _position += length;
            return taken;
        }
    }
}
