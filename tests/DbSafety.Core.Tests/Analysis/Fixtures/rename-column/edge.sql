-- An attribute of a composite type.
ALTER TYPE address RENAME ATTRIBUTE street TO road CASCADE;
--> Breaking address.street: renames address.street to road: queries that use the old name fail
-- Of a view.
ALTER VIEW v RENAME COLUMN a TO b;
--> Breaking v.a: renames v.a to b: queries that use the old name fail
