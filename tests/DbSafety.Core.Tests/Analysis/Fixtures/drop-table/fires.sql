DROP TABLE users;
--> Destructive users: drops table users
DROP TABLE IF EXISTS orders, app."Line Items" CASCADE;
--> Destructive orders: drops table orders
--> Destructive app."Line Items": drops table app."Line Items"
