COMMENT ON TABLE users IS 'People';
--> Info users: describes table users
COMMENT ON COLUMN app.users.name IS NULL;
--> Info app.users.name: describes column app.users.name
