using System.Buffers.Binary;
using System.Text;

namespace EseErp.Messaging;

/// <summary>
/// Key → partition, the way Kafka's Java client does it (murmur2), so that a return is in the same partition number of
/// every topic whoever publishes it.
/// </summary>
public static class Partitioner
{
    public static int PartitionOf(string key, int partitions) =>
        (Murmur2(Encoding.UTF8.GetBytes(key)) & 0x7fffffff) % partitions;

    private static int Murmur2(ReadOnlySpan<byte> data)
    {
        const uint m = 0x5bd1e995;
        var hash = 0x9747b28c ^ (uint)data.Length;
        while (data.Length >= 4)
        {
            var k = BinaryPrimitives.ReadUInt32LittleEndian(data) * m;
            k = (k ^ (k >> 24)) * m;
            hash = (hash * m) ^ k;
            data = data[4..];
        }

        if (data.Length == 3) hash ^= (uint)data[2] << 16;
        if (data.Length >= 2) hash ^= (uint)data[1] << 8;
        if (data.Length >= 1) hash = (hash ^ data[0]) * m;
        hash = (hash ^ (hash >> 13)) * m;
        return (int)(hash ^ (hash >> 15));
    }
}
