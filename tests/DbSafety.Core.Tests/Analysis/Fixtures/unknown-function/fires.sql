SELECT app.clean_up(1);
--> Opaque app.clean_up: calls function app.clean_up, whose effects are not known
UPDATE users SET name = tidy(name) WHERE id = 1;
--> Opaque tidy: calls function tidy, whose effects are not known
INSERT INTO users SELECT * FROM old_users() o WHERE o.id > 1;
--> Opaque old_users: calls function old_users, whose effects are not known
SELECT query_to_xml('SELECT tidy(1)', true, true, '');
--> Opaque query_to_xml: calls query_to_xml, which runs SQL that is passed as text
