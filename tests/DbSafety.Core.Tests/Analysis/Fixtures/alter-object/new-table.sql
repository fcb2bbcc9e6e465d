CREATE TABLE draft (a int);
ALTER TABLE draft OWNER TO app;
--> Info draft: changes table draft
