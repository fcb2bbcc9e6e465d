CREATE TABLE users (code char(3), kind character);
--> Info users.code: stores users.code as char(3), which pads values with spaces and ignores trailing spaces in comparisons
--> Info users.kind: stores users.kind as character, which pads values with spaces and ignores trailing spaces in comparisons
