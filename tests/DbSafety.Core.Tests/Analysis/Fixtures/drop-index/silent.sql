DROP TABLE users;
REINDEX INDEX users_name;
