using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Sales.Data.Migrations
{
    /// <inheritdoc />
    public partial class TheDevice : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "one_live_return_per_serial_number",
                table: "order_refund_requests");

            migrationBuilder.AddColumn<string>(
                name: "device_key",
                table: "order_refund_requests",
                type: "character varying(60)",
                maxLength: 60,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "device_order_id",
                table: "order_refund_requests",
                type: "character varying(40)",
                maxLength: 40,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<bool>(
                name: "is_sent_back",
                table: "order_refund_requests",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "sent_back_accepted",
                table: "order_refund_requests",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            // As SerialNumbers.Normal: without characters that nobody sees, every hyphen the same, in capital letters, trimmed.
            migrationBuilder.Sql(
                """
                update order_refund_requests set
                    device_order_id = order_id,
                    device_key = regexp_replace(upper(regexp_replace(regexp_replace(serial_number,
                        '[\u00AD\u0600-\u0605\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFEFF]', '', 'g'),
                        '[\u058A\u05BE\u1400\u1806\u2010-\u2015\u2043\u2212\u2E17\u2E1A\u2E3A\u2E3B\u2E40\u301C\u3030\u30A0\uFE31\uFE32\uFE58\uFE63\uFF0D]', '-', 'g')),
                        '^\s+|\s+$', '', 'g');
                """);

            migrationBuilder.CreateIndex(
                name: "one_live_return_per_device_and_order",
                table: "order_refund_requests",
                columns: new[] { "device_key", "device_order_id" },
                unique: true,
                filter: "state not in ('Rejected', 'Voided')");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "one_live_return_per_device_and_order",
                table: "order_refund_requests");

            migrationBuilder.DropColumn(
                name: "device_key",
                table: "order_refund_requests");

            migrationBuilder.DropColumn(
                name: "device_order_id",
                table: "order_refund_requests");

            migrationBuilder.DropColumn(
                name: "is_sent_back",
                table: "order_refund_requests");

            migrationBuilder.DropColumn(
                name: "sent_back_accepted",
                table: "order_refund_requests");

            migrationBuilder.CreateIndex(
                name: "one_live_return_per_serial_number",
                table: "order_refund_requests",
                column: "serial_number",
                unique: true,
                filter: "state not in ('Rejected', 'Voided')");
        }
    }
}
