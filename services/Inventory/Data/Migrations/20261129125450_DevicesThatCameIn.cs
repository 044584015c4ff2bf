using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Inventory.Data.Migrations
{
    /// <inheritdoc />
    public partial class DevicesThatCameIn : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "accepted_serial_number",
                table: "shipment_requests",
                type: "character varying(60)",
                maxLength: 60,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "arrived_key",
                table: "shipment_requests",
                type: "character varying(60)",
                maxLength: 60,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "is_device_given_up",
                table: "shipment_requests",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            // As SerialNumbers.Normal. Whether a return without a replacement was refused after its item came in, nobody wrote down: such an
            // item may have gone back to the customer.
            migrationBuilder.Sql(
                """
                update shipment_requests set
                    arrived_key = regexp_replace(upper(regexp_replace(regexp_replace(received_serial_number,
                        '[\u00AD\u0600-\u0605\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFEFF]', '', 'g'),
                        '[\u058A\u05BE\u1400\u1806\u2010-\u2015\u2043\u2212\u2E17\u2E1A\u2E3A\u2E3B\u2E40\u301C\u3030\u30A0\uFE31\uFE32\uFE58\uFE63\uFF0D]', '-', 'g')),
                        '^\s+|\s+$', '', 'g')
                where receipt_state = 'Received' and state in ('Reserved', 'Backordered', 'Released', 'Shipped', 'Delivered');
                """);

            migrationBuilder.CreateIndex(
                name: "devices_that_came_in",
                table: "shipment_requests",
                column: "arrived_key",
                filter: "arrived_key is not null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "devices_that_came_in",
                table: "shipment_requests");

            migrationBuilder.DropColumn(
                name: "accepted_serial_number",
                table: "shipment_requests");

            migrationBuilder.DropColumn(
                name: "arrived_key",
                table: "shipment_requests");

            migrationBuilder.DropColumn(
                name: "is_device_given_up",
                table: "shipment_requests");
        }
    }
}
