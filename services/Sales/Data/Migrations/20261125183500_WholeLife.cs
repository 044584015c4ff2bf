using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Sales.Data.Migrations
{
    /// <inheritdoc />
    public partial class WholeLife : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "ended_because",
                table: "order_refund_requests",
                type: "character varying(500)",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "is_inspected",
                table: "order_refund_requests",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "is_upheld",
                table: "order_refund_requests",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "is_waived",
                table: "order_refund_requests",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "mismatch_accepted",
                table: "order_refund_requests",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "received_serial_number",
                table: "order_refund_requests",
                type: "character varying(60)",
                maxLength: 60,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "review",
                table: "order_refund_requests",
                type: "character varying(20)",
                maxLength: 20,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "review_note",
                table: "order_refund_requests",
                type: "character varying(500)",
                maxLength: 500,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "ended_because",
                table: "order_refund_requests");

            migrationBuilder.DropColumn(
                name: "is_inspected",
                table: "order_refund_requests");

            migrationBuilder.DropColumn(
                name: "is_upheld",
                table: "order_refund_requests");

            migrationBuilder.DropColumn(
                name: "is_waived",
                table: "order_refund_requests");

            migrationBuilder.DropColumn(
                name: "mismatch_accepted",
                table: "order_refund_requests");

            migrationBuilder.DropColumn(
                name: "received_serial_number",
                table: "order_refund_requests");

            migrationBuilder.DropColumn(
                name: "review",
                table: "order_refund_requests");

            migrationBuilder.DropColumn(
                name: "review_note",
                table: "order_refund_requests");
        }
    }
}
