using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Sales.Data.Migrations
{
    /// <inheritdoc />
    public partial class TheReturnedDevice : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "one_live_return_per_device_and_order",
                table: "order_refund_requests");

            migrationBuilder.AddColumn<string>(
                name: "device_line_id",
                table: "order_refund_requests",
                type: "character varying(40)",
                maxLength: 40,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "device_sku",
                table: "order_refund_requests",
                type: "character varying(40)",
                maxLength: 40,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "money_line_id",
                table: "order_refund_requests",
                type: "character varying(40)",
                maxLength: 40,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "money_order_id",
                table: "order_refund_requests",
                type: "character varying(40)",
                maxLength: 40,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "replacement_key",
                table: "order_refund_requests",
                type: "character varying(60)",
                maxLength: 60,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "replacement_sku",
                table: "order_refund_requests",
                type: "character varying(40)",
                maxLength: 40,
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "IX_order_refund_requests_money_order_id",
                table: "order_refund_requests",
                column: "money_order_id",
                filter: "money_order_id is not null");

            migrationBuilder.CreateIndex(
                name: "IX_order_refund_requests_order_id",
                table: "order_refund_requests",
                column: "order_id");

            migrationBuilder.CreateIndex(
                name: "IX_order_refund_requests_replacement_key",
                table: "order_refund_requests",
                column: "replacement_key",
                filter: "replacement_key is not null");

            migrationBuilder.CreateIndex(
                name: "one_live_return_per_device_and_order",
                table: "order_refund_requests",
                columns: new[] { "device_key", "device_order_id" },
                unique: true,
                filter: "state not in ('Rejected', 'Voided') and device_key <> ''");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_order_refund_requests_money_order_id",
                table: "order_refund_requests");

            migrationBuilder.DropIndex(
                name: "IX_order_refund_requests_order_id",
                table: "order_refund_requests");

            migrationBuilder.DropIndex(
                name: "IX_order_refund_requests_replacement_key",
                table: "order_refund_requests");

            migrationBuilder.DropIndex(
                name: "one_live_return_per_device_and_order",
                table: "order_refund_requests");

            migrationBuilder.DropColumn(
                name: "device_line_id",
                table: "order_refund_requests");

            migrationBuilder.DropColumn(
                name: "device_sku",
                table: "order_refund_requests");

            migrationBuilder.DropColumn(
                name: "money_line_id",
                table: "order_refund_requests");

            migrationBuilder.DropColumn(
                name: "money_order_id",
                table: "order_refund_requests");

            migrationBuilder.DropColumn(
                name: "replacement_key",
                table: "order_refund_requests");

            migrationBuilder.DropColumn(
                name: "replacement_sku",
                table: "order_refund_requests");

            migrationBuilder.CreateIndex(
                name: "one_live_return_per_device_and_order",
                table: "order_refund_requests",
                columns: new[] { "device_key", "device_order_id" },
                unique: true,
                filter: "state not in ('Rejected', 'Voided')");
        }
    }
}
