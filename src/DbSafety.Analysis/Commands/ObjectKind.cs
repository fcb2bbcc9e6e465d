namespace DbSafety.Analysis.Commands;

/// <summary>What PostgreSQL can create, alter and drop (https://www.postgresql.org/docs/current/sql-commands.html).</summary>
internal enum ObjectKind
{
    AccessMethod, Aggregate, Cast, Collation, Column, Constraint, Conversion, Database, DefaultPrivileges, Domain, EnumValue, EventTrigger, Extension,
    ForeignDataWrapper, ForeignTable, Function, Index, Language, LargeObject, MaterializedView, Operator, OperatorClass, OperatorFamily, Parameter,
    Policy, Procedure, PropertyGraph, Publication, Role, Routine, Rule, Schema, Sequence, Server, Statistics, Subscription, System, Table, Tablespace,
    TextSearch, Transform, Trigger, Type, UserMapping, View,

    /// <summary>A statement that concerns no object, or rows of a table that is named elsewhere.</summary>
    None,
}
