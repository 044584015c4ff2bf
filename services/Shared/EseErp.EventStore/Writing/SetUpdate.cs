using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update;

namespace EseErp.EventStore.Writing;

/// <summary>The same columns of many rows of one table changed in one statement.</summary>
internal static class SetUpdate
{
    /// <summary>
    /// Whether a change can be part of a set: the row is found by its key alone, nothing is to be read back, and every column has
    /// an array type.
    /// </summary>
    public static bool Takes(IReadOnlyModificationCommand command) =>
        command is { EntityState: EntityState.Modified, StoreStoredProcedure: null }
        && command.ColumnModifications.All(column => (column.IsKey ? column.IsCondition && !column.IsWrite : column.IsWrite && !column.IsCondition) && ColumnArrays.Take(column));

    /// <summary>Divides changes of one table into sets that change the same columns.</summary>
    public static IEnumerable<IReadOnlyList<IReadOnlyModificationCommand>> Sets(IEnumerable<IReadOnlyModificationCommand> changes) =>
        changes.GroupBy(change => string.Join(' ', change.ColumnModifications.Select(column => column.ColumnName))).Select(set => set.ToList());

    /// <summary>
    /// Whether such changes can be made in any order. They cannot where something has to be unique, as one row may give up what
    /// another takes (the index's filter may name any column), nor where a reference may need its row first.
    /// </summary>
    public static bool IsFree(IReadOnlyModificationCommand change) =>
        change.Entries.All(entry => !entry.EntityType.GetIndexes().Any(index => index.IsUnique))
        && change.ColumnModifications.All(column => column.IsKey || column.Property?.IsForeignKey() != true);

    public static RowStatement Of(IReadOnlyList<IReadOnlyModificationCommand> rows, ISqlGenerationHelper sql)
    {
        var columns = rows[0].ColumnModifications;
        var names = columns.Select(column => sql.DelimitIdentifier(column.ColumnName)).ToList();
        var arrays = string.Join(", ", Enumerable.Range(1, columns.Count).Select(number => $"${number}"));
        var set = string.Join(", ", names.Zip(columns).Where(pair => !pair.Second.IsKey).Select(pair => $"{pair.First} = {ColumnArrays.Value(pair.Second, pair.First)}"));
        var where = string.Join(" and ", names.Where((_, column) => columns[column].IsKey).Select(name => $"t.{name} = c.{name}"));
        return new RowStatement(
            $"update {sql.DelimitIdentifier(rows[0].TableName, rows[0].Schema)} t set {set} from unnest({arrays}) as c({string.Join(", ", names)}) where {where}",
            rows, HasToMeetAll: true);
    }
}
