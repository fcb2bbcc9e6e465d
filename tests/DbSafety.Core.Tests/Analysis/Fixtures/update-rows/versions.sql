-- MERGE is from PostgreSQL 15 on.
MERGE INTO stock s USING sold x ON s.id = x.id WHEN MATCHED THEN UPDATE SET n = s.n - x.n WHEN NOT MATCHED THEN INSERT VALUES (x.id, 0);
--> Breaking stock: overwrites n in some rows of stock
