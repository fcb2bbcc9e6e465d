CREATE TABLE draft (a char);
--> Info draft.a: stores draft.a as char, which pads values with spaces and ignores trailing spaces in comparisons
