ALTER TABLE users ADD COLUMN c bpchar, ADD COLUMN d character (2)[];
--> Info users.c: stores users.c as bpchar, which pads values with spaces and ignores trailing spaces in comparisons
--> Info users.d: stores users.d as character (2)[], which pads values with spaces and ignores trailing spaces in comparisons
