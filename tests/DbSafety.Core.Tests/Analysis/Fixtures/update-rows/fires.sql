UPDATE users SET name = '' WHERE id = 1;
--> Breaking users: overwrites name in some rows of users
UPDATE users u SET name = n.name FROM names n WHERE n.id = u.id;
--> Breaking users: overwrites name in some rows of users
INSERT INTO users (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = excluded.name;
--> Breaking users: overwrites name in some rows of users
