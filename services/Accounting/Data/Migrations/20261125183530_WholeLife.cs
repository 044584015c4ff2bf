using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Accounting.Data.Migrations
{
    /// <inheritdoc />
    public partial class WholeLife : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "disposition",
                table: "asset_disposals",
                type: "character varying(20)",
                maxLength: 20,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "is_refund_recovered",
                table: "asset_disposals",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "is_rejected",
                table: "asset_disposals",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "is_replacement_returned",
                table: "asset_disposals",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<List<string>>(
                name: "taken_back",
                table: "asset_disposals",
                type: "text[]",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.DropIndex(
                name: "one_entry_per_return_and_cause",
                table: "journal_entries");

            migrationBuilder.CreateIndex(
                name: "one_entry_per_return_and_cause",
                table: "journal_entries",
                columns: new[] { "return_id", "cause" },
                unique: true,
                filter: "reverses is null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "one_entry_per_return_and_cause",
                table: "journal_entries");

            migrationBuilder.CreateIndex(
                name: "one_entry_per_return_and_cause",
                table: "journal_entries",
                columns: new[] { "return_id", "cause" },
                unique: true);

            migrationBuilder.DropColumn(
                name: "disposition",
                table: "asset_disposals");

            migrationBuilder.DropColumn(
                name: "is_refund_recovered",
                table: "asset_disposals");

            migrationBuilder.DropColumn(
                name: "is_rejected",
                table: "asset_disposals");

            migrationBuilder.DropColumn(
                name: "is_replacement_returned",
                table: "asset_disposals");

            migrationBuilder.DropColumn(
                name: "taken_back",
                table: "asset_disposals");
        }
    }
}
