using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Inventory.Data.Migrations
{
    /// <inheritdoc />
    public partial class TheReturnedDevice : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "is_to_be_restocked",
                table: "shipment_requests",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "replacement_serial_number",
                table: "shipment_requests",
                type: "character varying(60)",
                maxLength: 60,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "returned_sku",
                table: "shipment_requests",
                type: "character varying(40)",
                maxLength: 40,
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "items_for_a_shelf_that_is_not_there",
                table: "shipment_requests",
                column: "return_id",
                filter: "is_to_be_restocked");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "items_for_a_shelf_that_is_not_there",
                table: "shipment_requests");

            migrationBuilder.DropColumn(
                name: "is_to_be_restocked",
                table: "shipment_requests");

            migrationBuilder.DropColumn(
                name: "replacement_serial_number",
                table: "shipment_requests");

            migrationBuilder.DropColumn(
                name: "returned_sku",
                table: "shipment_requests");
        }
    }
}
