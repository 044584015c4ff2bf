using System.Collections;
using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace EseErp.EventStore;

/// <summary>
/// Gives EF Core the rows of a query that was executed already, as part of a batch: EF Core itself executes one query a round trip.
/// </summary>
internal sealed class AnsweredQueries : DbCommandInterceptor
{
    private static readonly AsyncLocal<Rows?> Next = new();

    /// <summary>The next query of this flow is answered by the reader's present rows.</summary>
    public static IDisposable By(DbDataReader reader) => Next.Value = new Rows(reader);

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
        new(Next.Value is { } rows ? InterceptionResult<DbDataReader>.SuppressWithResult(rows) : result);

    /// <summary>The present rows of a reader that others go on reading.</summary>
#pragma warning disable CA1010, CA2215 // EF Core reads it as it reads any other, and to end it is not for EF Core.
    private sealed class Rows(DbDataReader reader) : DbDataReader
    {
        public override int Depth => reader.Depth;

        public override int FieldCount => reader.FieldCount;

        public override bool HasRows => reader.HasRows;

        public override bool IsClosed => reader.IsClosed;

        public override int RecordsAffected => reader.RecordsAffected;

        public override object this[int ordinal] => reader[ordinal];

        public override object this[string name] => reader[name];

        public override void Close()
        {
        }

        public override Task CloseAsync() => Task.CompletedTask;

        public override ValueTask DisposeAsync()
        {
            Next.Value = null;
            return ValueTask.CompletedTask;
        }

        public override bool Read() => reader.Read();

        public override Task<bool> ReadAsync(CancellationToken cancellationToken) => reader.ReadAsync(cancellationToken);

        public override bool NextResult() => false;

        public override Task<bool> NextResultAsync(CancellationToken cancellationToken) => Task.FromResult(false);

        public override bool IsDBNull(int ordinal) => reader.IsDBNull(ordinal);

        public override Task<bool> IsDBNullAsync(int ordinal, CancellationToken cancellationToken) => reader.IsDBNullAsync(ordinal, cancellationToken);

        public override T GetFieldValue<T>(int ordinal) => reader.GetFieldValue<T>(ordinal);

        public override Task<T> GetFieldValueAsync<T>(int ordinal, CancellationToken cancellationToken) => reader.GetFieldValueAsync<T>(ordinal, cancellationToken);

        public override object GetValue(int ordinal) => reader.GetValue(ordinal);

        public override int GetValues(object[] values) => reader.GetValues(values);

        public override string GetName(int ordinal) => reader.GetName(ordinal);

        public override int GetOrdinal(string name) => reader.GetOrdinal(name);

        public override string GetDataTypeName(int ordinal) => reader.GetDataTypeName(ordinal);

        public override Type GetFieldType(int ordinal) => reader.GetFieldType(ordinal);

        public override IEnumerator GetEnumerator() => reader.GetEnumerator();

        public override bool GetBoolean(int ordinal) => reader.GetBoolean(ordinal);

        public override byte GetByte(int ordinal) => reader.GetByte(ordinal);

        public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length) =>
            reader.GetBytes(ordinal, dataOffset, buffer, bufferOffset, length);

        public override char GetChar(int ordinal) => reader.GetChar(ordinal);

        public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) =>
            reader.GetChars(ordinal, dataOffset, buffer, bufferOffset, length);

        public override DateTime GetDateTime(int ordinal) => reader.GetDateTime(ordinal);

        public override decimal GetDecimal(int ordinal) => reader.GetDecimal(ordinal);

        public override double GetDouble(int ordinal) => reader.GetDouble(ordinal);

        public override float GetFloat(int ordinal) => reader.GetFloat(ordinal);

        public override Guid GetGuid(int ordinal) => reader.GetGuid(ordinal);

        public override short GetInt16(int ordinal) => reader.GetInt16(ordinal);

        public override int GetInt32(int ordinal) => reader.GetInt32(ordinal);

        public override long GetInt64(int ordinal) => reader.GetInt64(ordinal);

        public override string GetString(int ordinal) => reader.GetString(ordinal);

        protected override void Dispose(bool disposing) => Next.Value = null;
    }
#pragma warning restore CA1010, CA2215
}
