using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update;
using Npgsql;

namespace EseErp.EventStore.Writing;

/// <summary>New rows of one table in one statement, with an array per column.</summary>
internal static class SetInsert
{
    private static readonly Dictionary<Type, IColumnArray> Arrays = new()
    {
        [typeof(string)] = new TextArray(),
        [typeof(Guid)] = new ValueArray<Guid>(),
        [typeof(int)] = new ValueArray<int>(),
        [typeof(long)] = new ValueArray<long>(),
        [typeof(bool)] = new ValueArray<bool>(),
        [typeof(decimal)] = new ValueArray<decimal>(),
        [typeof(DateTimeOffset)] = new ValueArray<DateTimeOffset>(),
        [typeof(DateTime)] = new ValueArray<DateTime>(),
        [typeof(DateOnly)] = new ValueArray<DateOnly>(),
    };

    /// <summary>Whether a row can be part of a set: nothing is to be read back, and every column has an array type.</summary>
    public static bool Takes(IReadOnlyModificationCommand command)
    {
        if (command.EntityState != EntityState.Added || command.StoreStoredProcedure is not null) return false;
        foreach (var column in command.ColumnModifications)
        {
            if (column is not { IsWrite: true, IsRead: false, JsonPath: null, Property: not null, TypeMapping: { } mapping }) return false;
            // An array of arrays would be unfolded down to its elements.
            if (mapping.StoreType.EndsWith(']') || !Arrays.ContainsKey(Provided(mapping))) return false;
            // Then a value does not tell whether it is converted.
            if (mapping.Converter is { } converter && converter.ModelClrType == converter.ProviderClrType) return false;
        }

        return true;
    }

    /// <summary>Whether another row is of the same table and columns as one that <see cref="Takes"/>.</summary>
    public static bool AreAlike(IReadOnlyModificationCommand one, IReadOnlyModificationCommand other)
    {
        if (other.EntityState != EntityState.Added || other.StoreStoredProcedure is not null || other.Table != one.Table || other.TableName != one.TableName) return false;
        if (other.ColumnModifications.Count != one.ColumnModifications.Count) return false;
        for (var i = 0; i < one.ColumnModifications.Count; i++)
        {
            var column = other.ColumnModifications[i];
            if (column.Property != one.ColumnModifications[i].Property || !column.IsWrite || column.IsRead) return false;
        }

        return true;
    }

    public static async Task Execute(
        List<IReadOnlyModificationCommand> rows, ISqlGenerationHelper sql, IRelationalConnection connection, CancellationToken cancellationToken)
    {
        var columns = rows[0].ColumnModifications;
        var names = string.Join(", ", columns.Select(column => sql.DelimitIdentifier(column.ColumnName)));
        var arrays = string.Join(", ", Enumerable.Range(1, columns.Count).Select(number => $"${number}"));
        await connection.OpenAsync(cancellationToken);
        try
        {
            await using var command = await connection.Context.Command(
                $"insert into {sql.DelimitIdentifier(rows[0].TableName, rows[0].Schema)} ({names}) select * from unnest({arrays})", cancellationToken);
            if (connection.CommandTimeout is { } limit) command.CommandTimeout = limit;
            for (var column = 0; column < columns.Count; column++) command.Parameters.Add(Parameter(rows, column));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (DbException exception)
        {
            throw new DbUpdateException($"{rows.Count} rows of {rows[0].TableName} could not be written.", exception, rows.SelectMany(row => row.Entries).ToList());
        }
        finally
        {
            await connection.CloseAsync();
        }
    }

    private static NpgsqlParameter Parameter(List<IReadOnlyModificationCommand> rows, int column)
    {
        var mapping = rows[0].ColumnModifications[column].TypeMapping!;
        var nullable = rows[0].ColumnModifications[column].IsNullable ?? true;
        var (array, convert) = (Arrays[Provided(mapping)], mapping.Converter?.ConvertToProvider);
        return new NpgsqlParameter
        {
            DataTypeName = mapping.StoreTypeNameBase + "[]",
            Value = array.Of(rows.Count, nullable, row =>
            {
                var value = rows[row].ColumnModifications[column].Value;
                // Depending on how it was set, it is converted already.
                return value is null || convert is null || value.GetType() == array.Element ? value : convert(value);
            }),
        };
    }

    private static Type Provided(RelationalTypeMapping mapping)
    {
        var type = mapping.Converter?.ProviderClrType ?? mapping.ClrType;
        return Nullable.GetUnderlyingType(type) ?? type;
    }

    /// <summary>Makes an array that the driver writes without looking at each value's type.</summary>
    private interface IColumnArray
    {
        Type Element { get; }

        Array Of(int rows, bool nullable, Func<int, object?> value);
    }

    private sealed class TextArray : IColumnArray
    {
        public Type Element => typeof(string);

        public Array Of(int rows, bool nullable, Func<int, object?> value)
        {
            var array = new string?[rows];
            for (var row = 0; row < rows; row++) array[row] = (string?)value(row);
            return array;
        }
    }

    private sealed class ValueArray<T> : IColumnArray where T : struct
    {
        public Type Element => typeof(T);

        public Array Of(int rows, bool nullable, Func<int, object?> value)
        {
            if (nullable)
            {
                var array = new T?[rows];
                for (var row = 0; row < rows; row++) array[row] = (T?)value(row);
                return array;
            }

            var values = new T[rows];
            for (var row = 0; row < rows; row++) values[row] = (T)value(row)!;
            return values;
        }
    }
}
