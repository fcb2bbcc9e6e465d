COMMENT ON TABLE users IS 'People';
--> Info users: sets a comment on table users
COMMENT ON COLUMN app.users.name IS NULL;
--> Info app.users.name: sets a comment on column app.users.name
