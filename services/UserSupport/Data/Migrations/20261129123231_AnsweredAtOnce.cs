using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.UserSupport.Data.Migrations
{
    /// <inheritdoc />
    public partial class AnsweredAtOnce : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "traditional_returns_by_status",
                table: "returns");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "callback_at",
                table: "returns",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "callback_failures",
                table: "returns",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "callback_url",
                table: "returns",
                type: "character varying(500)",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "told_status",
                table: "returns",
                type: "character varying(30)",
                maxLength: 30,
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "returns_to_call_back",
                table: "returns",
                column: "callback_at",
                filter: "callback_at is not null");

            migrationBuilder.CreateIndex(
                name: "traditional_returns_by_status",
                table: "returns",
                columns: new[] { "status", "advanced_at" },
                filter: "mode <> 'Event'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "returns_to_call_back",
                table: "returns");

            migrationBuilder.DropIndex(
                name: "traditional_returns_by_status",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "callback_at",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "callback_failures",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "callback_url",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "told_status",
                table: "returns");

            migrationBuilder.CreateIndex(
                name: "traditional_returns_by_status",
                table: "returns",
                columns: new[] { "status", "advanced_at" },
                filter: "mode = 'Traditional'");
        }
    }
}
