CREATE TABLE draft (a varchar(1));
--> Info draft.a: limits draft.a to varchar(1), and a shorter limit later is a type change that fails on longer values
