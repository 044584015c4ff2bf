using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Manufacturing.Data.Migrations
{
    /// <inheritdoc />
    public partial class TheAcceptedDevice : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "accepted_serial_number",
                table: "disassembly_orders",
                type: "character varying(60)",
                maxLength: 60,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "accepted_serial_number",
                table: "disassembly_orders");
        }
    }
}
