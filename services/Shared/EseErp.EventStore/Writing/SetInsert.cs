using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update;

namespace EseErp.EventStore.Writing;

/// <summary>New rows of one table in one statement, with an array per column.</summary>
internal static class SetInsert
{
    /// <summary>Whether a row can be part of a set: nothing is to be read back, and every column's values can be an array.</summary>
    public static bool Takes(IReadOnlyModificationCommand command) =>
        command is { EntityState: EntityState.Added, StoreStoredProcedure: null }
        && command.ColumnModifications.All(column => column.IsWrite && ColumnArrays.Take(column));

    /// <summary>Whether another row is of the same table and columns as one that <see cref="Takes"/>.</summary>
    public static bool AreAlike(IReadOnlyModificationCommand one, IReadOnlyModificationCommand other)
    {
        if (other.EntityState != EntityState.Added || other.StoreStoredProcedure is not null || other.Table != one.Table || other.TableName != one.TableName) return false;
        if (other.ColumnModifications.Count != one.ColumnModifications.Count) return false;
        for (var i = 0; i < one.ColumnModifications.Count; i++)
        {
            var (column, alike) = (other.ColumnModifications[i], one.ColumnModifications[i]);
            if (!column.IsWrite || column.IsRead || column.ColumnName != alike.ColumnName) return false;
            // Of the same property the first row has answered the rest.
            if (column.Property is null || column.Property != alike.Property || column.JsonPath is not null)
                if (!ColumnArrays.Take(column)) return false;
        }

        return true;
    }

    public static RowStatement Of(IReadOnlyList<IReadOnlyModificationCommand> rows, ISqlGenerationHelper sql)
    {
        var columns = rows[0].ColumnModifications;
        var names = columns.Select(column => sql.DelimitIdentifier(column.ColumnName)).ToList();
        var list = string.Join(", ", names);
        var values = string.Join(", ", columns.Zip(names, ColumnArrays.Value));
        var arrays = string.Join(", ", Enumerable.Range(1, columns.Count).Select(number => $"${number}"));
        return new RowStatement(
            $"insert into {sql.DelimitIdentifier(rows[0].TableName, rows[0].Schema)} ({list}) select {values} from unnest({arrays}) as c({list})", rows, HasToMeetAll: false);
    }
}
