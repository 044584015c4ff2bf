using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Accounting.Data.Migrations
{
    /// <summary>
    /// What the journal promises whoever writes to it: every entry balances, and what is posted stays as it is.
    /// </summary>
    public partial class JournalRules : Migration
    {
        // Checked when the transaction commits: an entry is written line by line. Entries are checked too, because one
        // without lines has no line to start a check. An entry is closed with its transaction: lines that come later would
        // change it, even if they balance.
        private const string Balance =
            """
            alter table journal_entries add column transaction_id xid8 not null default pg_current_xact_id();

            create function require_balance() returns trigger language plpgsql as $$
            begin
                if not coalesce((select bool_and(c.balanced)
                                 from (select sum(l.debit) = sum(l.credit) as balanced
                                       from public.journal_lines l where l.entry_id = new.entry_id group by l.currency) c), false) then
                    raise exception 'journal entry % does not balance', new.entry_id using errcode = 'check_violation';
                end if;
                if (select e.transaction_id from public.journal_entries e where e.entry_id = new.entry_id) <> pg_current_xact_id() then
                    raise exception 'journal entry % is closed', new.entry_id using errcode = 'restrict_violation';
                end if;
                return null;
            end $$;

            create constraint trigger journal_entries_balance after insert on journal_entries
                deferrable initially deferred for each row execute function require_balance();
            create constraint trigger journal_lines_balance after insert on journal_lines
                deferrable initially deferred for each row execute function require_balance();
            """;

        private const string AppendOnly =
            """
            create function refuse_change_of_journal() returns trigger language plpgsql as $$
            begin
                raise exception 'the journal is append-only: post a reversal instead' using errcode = 'restrict_violation';
            end $$;

            create trigger journal_entries_are_append_only before update or delete or truncate on journal_entries
                for each statement execute function refuse_change_of_journal();
            create trigger journal_lines_are_append_only before update or delete or truncate on journal_lines
                for each statement execute function refuse_change_of_journal();

            -- The owner can grant itself these again, but not by accident. Updates of entries stay granted: the foreign keys
            -- lock the entry they point to, which takes that privilege; the trigger refuses the update itself.
            revoke delete, truncate on journal_entries from public, current_user;
            revoke update, delete, truncate on journal_lines from public, current_user;
            """;

        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(Balance);
            migrationBuilder.Sql(AppendOnly);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            drop trigger journal_entries_are_append_only on journal_entries;
            drop trigger journal_lines_are_append_only on journal_lines;
            drop function refuse_change_of_journal;
            drop trigger journal_entries_balance on journal_entries;
            drop trigger journal_lines_balance on journal_lines;
            drop function require_balance;
            alter table journal_entries drop column transaction_id;
            grant delete, truncate on journal_entries to current_user;
            grant update, delete, truncate on journal_lines to current_user;
            """);
    }
}
