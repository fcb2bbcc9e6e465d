DELETE FROM users WHERE age < 18;
--> Destructive users: deletes rows of users
DELETE FROM orders o USING users u WHERE o.user_id = u.id AND u.age < 18;
--> Destructive orders: deletes rows of orders
MERGE INTO stock s USING sold x ON s.id = x.id WHEN MATCHED THEN DELETE;
--> Destructive stock: deletes rows of stock
