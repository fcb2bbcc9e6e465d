ALTER TABLE users CLUSTER ON users_pkey;
VACUUM users;
