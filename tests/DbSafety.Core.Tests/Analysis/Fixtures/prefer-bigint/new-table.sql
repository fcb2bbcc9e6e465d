CREATE TABLE draft (a serial);
--> Info draft.a: creates key draft.a with type serial, whose largest value is 2,147,483,647
