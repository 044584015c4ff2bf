using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.UserSupport.Data.Migrations
{
    /// <inheritdoc />
    public partial class TheDriver : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "driver_key",
                table: "returns",
                type: "uuid",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "driver_key",
                table: "returns");
        }
    }
}
