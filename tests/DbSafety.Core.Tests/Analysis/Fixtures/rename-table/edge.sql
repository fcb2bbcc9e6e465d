ALTER FOREIGN TABLE remote RENAME TO far;
--> Breaking remote: renames remote to far: code that uses the old name fails
