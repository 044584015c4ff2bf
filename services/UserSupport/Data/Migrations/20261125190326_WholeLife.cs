using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.UserSupport.Data.Migrations
{
    /// <inheritdoc />
    public partial class WholeLife : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<string>(
                name: "status",
                table: "returns",
                type: "character varying(30)",
                maxLength: 30,
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(20)",
                oldMaxLength: 20);

            migrationBuilder.AddColumn<string>(
                name: "cancellation_reason",
                table: "returns",
                type: "character varying(500)",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "cancellation_refusal",
                table: "returns",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "due_at",
                table: "returns",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "failures",
                table: "returns",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "undo_cause",
                table: "returns",
                type: "character varying(20)",
                maxLength: 20,
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "wake_at",
                table: "returns",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "told",
                table: "return_steps",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateIndex(
                name: "returns_with_expected_items",
                table: "returns",
                column: "due_at",
                filter: "status in ('Approved', 'UnderReview') and (reported ->> 'received') is null and (reported ->> 'waived') is null");

            migrationBuilder.CreateIndex(
                name: "sleeping_returns",
                table: "returns",
                column: "wake_at",
                filter: "wake_at is not null and driven_until is null");

            // Traditional returns under way: what was undone was refused by a team, nobody comes by for those half-way any more,
            // and until when an item is expected is in Inventory's answer.
            migrationBuilder.Sql(
                """
                update returns set undo_cause = 'TeamRefused' where undo_reason is not null;
                update returns set wake_at = now() where mode = 'Traditional' and status in ('Requested', 'Incomplete');
                update returns set due_at = (step.answer::jsonb -> 'receipt' ->> 'dueAt')::timestamptz from return_steps step
                where step.return_id = returns.return_id and step.name = 'inventory.shipment-request' and step.outcome = 'Done';
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "returns_with_expected_items",
                table: "returns");

            migrationBuilder.DropIndex(
                name: "sleeping_returns",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "cancellation_reason",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "cancellation_refusal",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "due_at",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "failures",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "undo_cause",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "wake_at",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "told",
                table: "return_steps");

            migrationBuilder.AlterColumn<string>(
                name: "status",
                table: "returns",
                type: "character varying(20)",
                maxLength: 20,
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(30)",
                oldMaxLength: 30);
        }
    }
}
