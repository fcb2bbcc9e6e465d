-- MERGE is from PostgreSQL 15 on, WHEN NOT MATCHED BY SOURCE from 17.
MERGE INTO stock s USING sold x ON s.id = x.id WHEN NOT MATCHED BY SOURCE THEN DELETE;
--> Destructive stock: deletes rows of stock
