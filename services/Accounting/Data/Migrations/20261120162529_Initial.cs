using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace EseErp.Accounting.Data.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "asset_disposals",
                columns: table => new
                {
                    return_id = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false, collation: "C"),
                    sku = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    serial_number = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    cost_center = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    coordination = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    requested_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    provisional_cost = table.Column<decimal>(type: "numeric", nullable: false),
                    currency = table.Column<string>(type: "character varying(3)", maxLength: 3, nullable: false),
                    state = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    disposal_loss = table.Column<decimal>(type: "numeric", nullable: true),
                    booked = table.Column<List<string>>(type: "text[]", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_asset_disposals", x => x.return_id);
                });

            migrationBuilder.CreateTable(
                name: "journal_entries",
                columns: table => new
                {
                    entry_id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn),
                    return_id = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false, collation: "C"),
                    cause = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    cause_event_id = table.Column<Guid>(type: "uuid", nullable: true),
                    reverses = table.Column<long>(type: "bigint", nullable: true),
                    posted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    coordination = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_journal_entries", x => x.entry_id);
                    table.ForeignKey(
                        name: "FK_journal_entries_journal_entries_reverses",
                        column: x => x.reverses,
                        principalTable: "journal_entries",
                        principalColumn: "entry_id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "unit_costs",
                columns: table => new
                {
                    sku = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false, collation: "C"),
                    landed_cost = table.Column<decimal>(type: "numeric", nullable: false),
                    currency = table.Column<string>(type: "character varying(3)", maxLength: 3, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_unit_costs", x => x.sku);
                    table.CheckConstraint("unit_costs_landed_cost", "landed_cost >= 0");
                });

            migrationBuilder.CreateTable(
                name: "journal_lines",
                columns: table => new
                {
                    line_number = table.Column<int>(type: "integer", nullable: false),
                    entry_id = table.Column<long>(type: "bigint", nullable: false),
                    account = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    currency = table.Column<string>(type: "character varying(3)", maxLength: 3, nullable: false),
                    debit = table.Column<decimal>(type: "numeric", nullable: false),
                    credit = table.Column<decimal>(type: "numeric", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_journal_lines", x => new { x.entry_id, x.line_number });
                    table.CheckConstraint("journal_lines_account", "account in ('Sales Returns', 'Customer Refunds Payable', 'Returned Goods', 'Cost of Goods Sold', 'Warranty Expense', 'Finished Goods', 'Component Inventory', 'Disposal Loss', 'Return Processing Expense', 'Accrued Labour')");
                    table.CheckConstraint("journal_lines_one_side", "(debit > 0) <> (credit > 0) and debit >= 0 and credit >= 0 and greatest(debit, credit) < 'Infinity'");
                    table.ForeignKey(
                        name: "FK_journal_lines_journal_entries_entry_id",
                        column: x => x.entry_id,
                        principalTable: "journal_entries",
                        principalColumn: "entry_id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_asset_disposals_state_return_id",
                table: "asset_disposals",
                columns: new[] { "state", "return_id" });

            migrationBuilder.CreateIndex(
                name: "one_entry_per_return_and_cause",
                table: "journal_entries",
                columns: new[] { "return_id", "cause" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "one_reversal_per_entry",
                table: "journal_entries",
                column: "reverses",
                unique: true,
                filter: "reverses is not null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "asset_disposals");

            migrationBuilder.DropTable(
                name: "journal_lines");

            migrationBuilder.DropTable(
                name: "unit_costs");

            migrationBuilder.DropTable(
                name: "journal_entries");
        }
    }
}
