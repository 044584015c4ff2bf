using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Manufacturing.Data.Migrations
{
    /// <inheritdoc />
    public partial class TheReturnedDevice : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "returned_sku",
                table: "disassembly_orders",
                type: "character varying(40)",
                maxLength: 40,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "returned_sku",
                table: "disassembly_orders");
        }
    }
}
