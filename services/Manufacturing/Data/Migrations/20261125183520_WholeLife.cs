using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Manufacturing.Data.Migrations
{
    /// <inheritdoc />
    public partial class WholeLife : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "mismatch_accepted",
                table: "disassembly_orders",
                type: "boolean",
                nullable: false,
                defaultValue: false);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "mismatch_accepted",
                table: "disassembly_orders");
        }
    }
}
