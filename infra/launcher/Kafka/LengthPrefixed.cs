using System.Buffers.Binary;

namespace EseErp.Launcher.Kafka;

/// <summary>Messages after their length, as Kafka and ZooKeeper send them.</summary>
internal static class LengthPrefixed
{
    private const int MostBytes = 16 << 20;

    /// <exception cref="IOException">The connection ended, or what comes is no such message.</exception>
    public static async Task<byte[]> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new byte[4];
        await stream.ReadExactlyAsync(head, cancellationToken);
        var length = BinaryPrimitives.ReadInt32BigEndian(head);
        if (length is < 0 or > MostBytes)
            throw new IOException("What answers there speaks another protocol.");
        var message = new byte[length];
        await stream.ReadExactlyAsync(message, cancellationToken);
        return message;
    }
}
