using System.Text;
using DbSafety.Backups.Sets;
using DbSafety.Errors;

namespace DbSafety.Core.Tests.Backups;

public sealed class OtherSystemsTests
{
    [Theory]
    [InlineData("-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n--\n", "MySQL")]
    [InlineData("/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19-11.4.2-MariaDB\n", "MySQL")]
    [InlineData("-- phpMyAdmin SQL Dump\n-- version 5.2.1\n", "MySQL")]
    [InlineData("-- Adminer 4.8.1 MySQL 8.0.36 dump\n\nSET NAMES utf8;\n", "MySQL")]
    [InlineData("\n/*!40101 SET NAMES utf8 */;\nCREATE TABLE `t` (a int);\n", "MySQL")]
    [InlineData("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t (a int);\n", "SQLite")]
    [InlineData("SQLite format 3\0\u0010", "SQLite")]
    [InlineData("USE [master]\r\nGO\r\nCREATE DATABASE [shop]\r\n", "SQL Server")]
    public void A_dump_of_another_database_system_is_rejected_with_the_name_of_the_system(string head, string system)
    {
        var error = Assert.Throws<DbSafetyException>(() => OtherSystems.Refuse("x.sql", Encoding.Latin1.GetBytes(head)));
        Assert.Equal(("DBS227", ErrorKind.Usage), (error.Code, error.Kind));
        Assert.Contains($"a dump of {system}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-- Adminer 4.8.1 PostgreSQL 15.3 dump\n\n")]
    [InlineData("-- ported from a MySQL dump of 2004\nCREATE TABLE t (a int);\n")]
    [InlineData("/* the SET of all */ CREATE TABLE t (a int);\n")]
    public void A_PostgreSQL_script_is_not_detected_as_a_dump_of_another_system(string head) => OtherSystems.Refuse("x.sql", Encoding.Latin1.GetBytes(head));
}
