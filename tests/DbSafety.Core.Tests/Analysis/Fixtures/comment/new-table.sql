CREATE TABLE draft (a int);
COMMENT ON TABLE draft IS 'x';
--> Info draft: describes table draft
