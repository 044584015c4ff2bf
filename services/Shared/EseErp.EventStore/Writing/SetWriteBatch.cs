using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update;

namespace EseErp.EventStore.Writing;

/// <summary>
/// Collects what one <c>SaveChanges</c> writes and divides it, in its order, into runs of new rows of one table, runs of changes
/// to one table, and the rest. At the end of a unit of work the runs are handed over to its <see cref="PendingWrites"/>.
/// </summary>
internal sealed class SetWriteBatch(Func<ModificationCommandBatch> plain, ISqlGenerationHelper sql, DbContext db) : ModificationCommandBatch
{
    private const int MostCommands = 1000;

    private readonly PendingWrites _writes = PendingWrites.Of(db);

    // A run that is not handed over is a round trip of its own; a few rows go along with the rest.
    private readonly int _fewestRows = PendingWrites.Of(db).Collects ? 1 : 4;

    private readonly List<IReadOnlyModificationCommand> _commands = [];
    private readonly List<Func<IRelationalConnection, CancellationToken, Task>> _parts = [];
    private bool _requiresTransaction;
    private bool _moreExpected;

    public override IReadOnlyList<IReadOnlyModificationCommand> ModificationCommands => _commands;

    public override bool RequiresTransaction => _requiresTransaction;

    public override bool AreMoreBatchesExpected => _moreExpected;

    public override bool TryAddCommand(IReadOnlyModificationCommand modificationCommand)
    {
        if (_commands.Count >= MostCommands) return false;
        _commands.Add(modificationCommand);
        return true;
    }

    public override void Complete(bool moreBatchesExpected)
    {
        _moreExpected = moreBatchesExpected;
        var rest = new List<IReadOnlyModificationCommand>();
        for (var from = 0; from < _commands.Count;)
        {
            var to = from + 1;
            if (SetInsert.Takes(_commands[from]))
            {
                while (to < _commands.Count && SetInsert.AreAlike(_commands[from], _commands[to])) to++;
                if (to - from >= _fewestRows) AddSet(rest, SetInsert.Of(_commands.GetRange(from, to - from), sql));
                else rest.AddRange(_commands.GetRange(from, to - from));
            }
            else if (SetUpdate.Takes(_commands[from]))
            {
                while (to < _commands.Count && _commands[to].Table == _commands[from].Table && SetUpdate.Takes(_commands[to])) to++;
                AddUpdates(rest, _commands.GetRange(from, to - from));
            }
            else
            {
                rest.Add(_commands[from]);
            }

            from = to;
        }

        AddRest(rest);
        _requiresTransaction |= _parts.Count > 1;
    }

    public override void Execute(IRelationalConnection connection) => throw new NotSupportedException("Only SaveChangesAsync is used here.");

    public override async Task ExecuteAsync(IRelationalConnection connection, CancellationToken cancellationToken = default)
    {
        foreach (var part in _parts) await part(connection, cancellationToken);
    }

    private void AddUpdates(List<IReadOnlyModificationCommand> rest, List<IReadOnlyModificationCommand> changes)
    {
        // In sets they are not made in the order they came in; one by one they are.
        if (!changes.TrueForAll(SetUpdate.IsFree))
        {
            if (_writes.Collects) changes.ForEach(change => AddSet(rest, SetUpdate.Of([change], sql)));
            else rest.AddRange(changes);
            return;
        }

        foreach (var set in SetUpdate.Sets(changes))
            if (set.Count >= _fewestRows) AddSet(rest, SetUpdate.Of(set, sql));
            else rest.AddRange(set);
    }

    private void AddSet(List<IReadOnlyModificationCommand> before, RowStatement statement)
    {
        AddRest(before);
        // A row that is not there any more is noticed after the others were changed.
        _requiresTransaction = true;
        _parts.Add((connection, cancellationToken) =>
        {
            if (!_writes.Collects) return ColumnArrays.Execute(statement, connection, cancellationToken);
            var values = ColumnArrays.Parameters(statement.Rows);
            if (statement.HasToMeetAll) _writes.AddExpecting(statement.Rows.Count, statement.Sql, parameters => parameters.AddRange(values));
            else _writes.Add(statement.Sql, parameters => parameters.AddRange(values));
            return Task.CompletedTask;
        });
    }

    private void AddRest(List<IReadOnlyModificationCommand> rest)
    {
        if (rest.Count == 0) return;
        var batch = plain();
        foreach (var command in rest)
        {
            if (batch.TryAddCommand(command)) continue;
            Add(batch);
            batch = plain();
            batch.TryAddCommand(command);
        }

        Add(batch);
        rest.Clear();

        void Add(ModificationCommandBatch one)
        {
            one.Complete(moreBatchesExpected: true);
            _requiresTransaction |= one.RequiresTransaction;
            _parts.Add(async (connection, cancellationToken) =>
            {
                // What comes before it is written before it.
                if (_writes.Collects) await _writes.Send(db, atTheEnd: false, cancellationToken);
                await one.ExecuteAsync(connection, cancellationToken);
            });
        }
    }
}
