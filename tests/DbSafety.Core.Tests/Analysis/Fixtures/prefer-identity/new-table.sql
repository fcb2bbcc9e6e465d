CREATE TABLE draft (a smallserial);
--> Info draft.a: creates draft.a with type smallserial, whose sequence has privileges of its own
