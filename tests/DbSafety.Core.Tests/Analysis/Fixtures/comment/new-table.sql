CREATE TABLE draft (a int);
COMMENT ON TABLE draft IS 'x';
--> Info draft: sets a comment on table draft
