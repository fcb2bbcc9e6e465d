-- MERGE is from PostgreSQL 15 on.
MERGE INTO stock s USING sold x ON s.id = x.id WHEN NOT MATCHED THEN INSERT VALUES (x.id);
--> Info stock: inserts rows into stock
