using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Tracking.Data.Migrations
{
    /// <inheritdoc />
    public partial class StuckReturns : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "stuck",
                table: "returns",
                type: "jsonb",
                nullable: false,
                defaultValueSql: "'{}'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "stuck",
                table: "returns");
        }
    }
}
