UPDATE users SET name = '' WHERE id = 1;
UPDATE users SET name = n.name FROM names n WHERE n.id = users.id;
SELECT 1 FROM users FOR UPDATE;
INSERT INTO users VALUES (1) ON CONFLICT (id) DO UPDATE SET name = 'x';
CREATE TRIGGER t BEFORE UPDATE ON users EXECUTE FUNCTION f();
