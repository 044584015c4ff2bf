using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update;
using Npgsql;

namespace EseErp.EventStore.Writing;

/// <summary>The values of one column of many rows as one parameter.</summary>
internal static class ColumnArrays
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

    /// <summary>Whether a column's values can be an array.</summary>
    public static bool Take(IColumnModification column)
    {
        if (column is not { IsRead: false, TypeMapping: { } mapping }) return false;
        if (IsDocument(column)) return column.Value is null or string;
        if (column.Property is null || column.JsonPath is not null) return false;
        // Then a value does not tell whether it is converted.
        if (mapping.Converter is { } converter && converter.ModelClrType == converter.ProviderClrType) return false;
        return IsList(mapping) ? typeof(IEnumerable<string>).IsAssignableFrom(Provided(mapping)) : Arrays.ContainsKey(Provided(mapping));
    }

    /// <summary>A value of the unfolded array, named <c>c</c>, as the column takes it.</summary>
    public static string Value(IColumnModification column, string name) =>
        IsList(column.TypeMapping!) ? $"c.{name}::{column.TypeMapping!.StoreType}" : $"c.{name}";

    /// <summary>Runs a statement on the rows now.</summary>
    public static async Task Execute(RowStatement statement, IRelationalConnection connection, CancellationToken cancellationToken)
    {
        await connection.OpenAsync(cancellationToken);
        var rows = statement.Rows;
        try
        {
            await using var command = await connection.Context.Command(statement.Sql, cancellationToken);
            if (connection.CommandTimeout is { } limit) command.CommandTimeout = limit;
            command.Parameters.AddRange(Parameters(rows));
            var met = await command.ExecuteNonQueryAsync(cancellationToken);
            if (statement.HasToMeetAll && met != rows.Count)
                throw new DbUpdateConcurrencyException($"{rows.Count} rows of {rows[0].TableName} were to be changed, and {met} were there.", rows.SelectMany(row => row.Entries).ToList());
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or DbUpdateException))
        {
            throw new DbUpdateException($"{rows.Count} rows of {rows[0].TableName} could not be written.", exception, rows.SelectMany(row => row.Entries).ToList());
        }
        finally
        {
            await connection.CloseAsync();
        }
    }

    /// <summary>The rows' columns, in their order.</summary>
    public static NpgsqlParameter[] Parameters(IReadOnlyList<IReadOnlyModificationCommand> rows) =>
        Enumerable.Range(0, rows[0].ColumnModifications.Count).Select(column => Parameter(rows, column)).ToArray();

    private static NpgsqlParameter Parameter(IReadOnlyList<IReadOnlyModificationCommand> rows, int column)
    {
        var first = rows[0].ColumnModifications[column];
        var (mapping, isList, isDocument) = (first.TypeMapping!, IsList(first.TypeMapping!), IsDocument(first));
        var array = isList || isDocument ? new TextArray() : Arrays[Provided(mapping)];
        var convert = isDocument ? null : mapping.Converter?.ConvertToProvider;
        return new NpgsqlParameter
        {
            // An array of arrays would be unfolded down to its elements: lists travel as text.
            DataTypeName = isList ? "text[]" : mapping.StoreTypeNameBase + "[]",
            Value = array.Of(rows.Count, first.IsNullable ?? true, row =>
            {
                var modification = rows[row].ColumnModifications[column];
                var value = modification.IsCondition ? modification.OriginalValue : modification.Value;
                // Depending on how it was set, it is converted already.
                if (isList) return value is null ? null : Literal(value as IEnumerable<string?> ?? (IEnumerable<string?>)convert!(value)!);
                return value is null || convert is null || value.GetType() == array.Element ? value : convert(value);
            }),
        };
    }

    // The whole of an owned document, whose text EF Core hands over.
    private static bool IsDocument(IColumnModification column) =>
        column is { Property: null, JsonPath: null or "$", TypeMapping.StoreType: "jsonb" or "json" };

    private static bool IsList(RelationalTypeMapping mapping) => mapping.StoreType.EndsWith("[]", StringComparison.Ordinal);

    /// <summary>A list as PostgreSQL writes an array.</summary>
    private static string Literal(IEnumerable<string?> values) => $"{{{string.Join(',', values.Select(Quoted))}}}";

    private static string Quoted(string? value) => value is null
        ? "NULL"
        : $"\"{value.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

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

/// <summary>A statement for rows of one table, whose columns are its parameters.</summary>
/// <param name="HasToMeetAll">Whether it is an error when it meets fewer rows.</param>
internal sealed record RowStatement(string Sql, IReadOnlyList<IReadOnlyModificationCommand> Rows, bool HasToMeetAll);
