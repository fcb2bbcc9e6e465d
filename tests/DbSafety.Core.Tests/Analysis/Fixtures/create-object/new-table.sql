CREATE TABLE draft (a int);
CREATE TRIGGER t BEFORE UPDATE ON draft EXECUTE FUNCTION g();
--> Info draft.t: creates trigger draft.t
