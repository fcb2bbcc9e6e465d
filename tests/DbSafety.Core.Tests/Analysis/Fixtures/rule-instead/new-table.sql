CREATE VIEW draft AS SELECT 1 AS id;
CREATE RULE r AS ON INSERT TO draft DO INSTEAD INSERT INTO users VALUES (new.id);
--> Info draft: creates a rule on draft: it was created by the same pending migrations
