using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace EseErp.Launcher.Kafka;

/// <summary>
/// A short conversation with a ZooKeeper, in as much of its protocol as <see cref="LocalKafka"/> needs. ZooKeeper's own
/// shell would be one more JVM.
/// </summary>
internal sealed class ZooKeeperSession : IDisposable
{
    private const int CreateRequest = 1;
    private const int DeleteRequest = 2;
    private const int ExistsRequest = 3;
    private const int CloseRequest = -11;
    private const int NoNode = -101;
    private const int NodeExists = -110;

    // A session that is not closed in order is gone after this time.
    private const int SessionMilliseconds = 4000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private readonly TcpClient _connection = new() { NoDelay = true };
    private int _lastRequest;

    private ZooKeeperSession()
    {
    }

    /// <exception cref="IOException">Nobody answers there.</exception>
    public static async Task<ZooKeeperSession> OpenAsync(int port, CancellationToken cancellationToken)
    {
        var session = new ZooKeeperSession();
        try
        {
            await WithinPatienceAsync(
                async patience =>
                {
                    await session._connection.ConnectAsync("127.0.0.1", port, patience);
                    // Protocol version, last transaction seen, timeout, no earlier session, its empty password.
                    await session.SendAsync(new Request().Int(0).Long(0).Int(SessionMilliseconds).Long(0).Bytes(new byte[16]), patience);
                    return await session.ReceiveAsync(patience);
                },
                cancellationToken);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Whether there is a node at this path.</summary>
    public async Task<bool> ExistsAsync(string path, CancellationToken cancellationToken) =>
        await AskAsync(ExistsRequest, new Request().Text(path).Flag(false), NoNode, cancellationToken);

    /// <summary>Creates a lasting node; returns false where there is one already.</summary>
    public async Task<bool> CreateAsync(string path, string content, CancellationToken cancellationToken)
    {
        const int Everything = 31;
        const int Lasting = 0;
        var request = new Request().Text(path).Text(content).Int(1).Int(Everything).Text("world").Text("anyone").Int(Lasting);
        return await AskAsync(CreateRequest, request, NodeExists, cancellationToken);
    }

    /// <summary>Deletes a node; returns false where there is none.</summary>
    public async Task<bool> DeleteAsync(string path, CancellationToken cancellationToken)
    {
        const int AnyVersion = -1;
        return await AskAsync(DeleteRequest, new Request().Text(path).Int(AnyVersion), NoNode, cancellationToken);
    }

    public async Task CloseAsync(CancellationToken cancellationToken) =>
        await AskAsync(CloseRequest, new Request(), otherAnswer: 0, cancellationToken);

    public void Dispose() => _connection.Dispose();

    /// <returns>False when the answer was the other one that is expected.</returns>
    private Task<bool> AskAsync(int type, Request body, int otherAnswer, CancellationToken cancellationToken) => WithinPatienceAsync(
        async patience =>
        {
            await SendAsync(new Request().Int(++_lastRequest).Int(type).Append(body), patience);
            // The answer's head: which request it answers, the last transaction, and the outcome.
            var answer = await ReceiveAsync(patience);
            var outcome = answer.Length < 16 ? throw new IOException("ZooKeeper's answer is cut off.") : BinaryPrimitives.ReadInt32BigEndian(answer.AsSpan(12));
            if (outcome != 0 && outcome != otherAnswer)
                throw new IOException($"ZooKeeper refused request {type} with code {outcome}.");
            return outcome == 0;
        },
        cancellationToken);

    private async Task SendAsync(Request request, CancellationToken cancellationToken) =>
        await _connection.GetStream().WriteAsync(request.Framed(), cancellationToken);

    private Task<byte[]> ReceiveAsync(CancellationToken cancellationToken) => LengthPrefixed.ReadAsync(_connection.GetStream(), cancellationToken);

    private static async Task<T> WithinPatienceAsync<T>(Func<CancellationToken, Task<T>> action, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        try
        {
            return await action(patience.Token);
        }
        catch (SocketException failure)
        {
            throw new IOException(failure.Message, failure);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"ZooKeeper did not answer within {s_patience.TotalSeconds:0} s.", failure);
        }
    }

    /// <summary>A message in ZooKeeper's encoding: big-endian numbers, texts and bytes after their length.</summary>
    private sealed class Request
    {
        private readonly List<byte> _content = [];

        public Request Int(int value)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, value);
            _content.AddRange(bytes);
            return this;
        }

        public Request Long(long value)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64BigEndian(bytes, value);
            _content.AddRange(bytes);
            return this;
        }

        public Request Flag(bool value)
        {
            _content.Add(value ? (byte)1 : (byte)0);
            return this;
        }

        public Request Bytes(byte[] value)
        {
            Int(value.Length);
            _content.AddRange(value);
            return this;
        }

        public Request Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));

        public Request Append(Request other)
        {
            _content.AddRange(other._content);
            return this;
        }

        public byte[] Framed() => [.. new Request().Int(_content.Count).Append(this)._content];
    }
}
