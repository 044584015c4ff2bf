using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Accounting.Data.Migrations
{
    /// <inheritdoc />
    public partial class TheReturnedDevice : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<decimal>(
                name: "returned_cost",
                table: "asset_disposals",
                type: "numeric",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "returned_currency",
                table: "asset_disposals",
                type: "character varying(3)",
                maxLength: 3,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "returned_serial_number",
                table: "asset_disposals",
                type: "character varying(60)",
                maxLength: 60,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "returned_sku",
                table: "asset_disposals",
                type: "character varying(40)",
                maxLength: 40,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "returned_cost",
                table: "asset_disposals");

            migrationBuilder.DropColumn(
                name: "returned_currency",
                table: "asset_disposals");

            migrationBuilder.DropColumn(
                name: "returned_serial_number",
                table: "asset_disposals");

            migrationBuilder.DropColumn(
                name: "returned_sku",
                table: "asset_disposals");
        }
    }
}
