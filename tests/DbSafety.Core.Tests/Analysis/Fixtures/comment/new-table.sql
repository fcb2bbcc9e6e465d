CREATE TABLE draft (a int);
COMMENT ON TABLE draft IS 'x';
--> Info draft: sets a comment or security label on table draft
