-- Two columns, and a referenced table in another schema.
ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (shop, no) REFERENCES app.invoices (shop, no) MATCH FULL;
--> MayFail orders.f: requires that every row of orders points to a row of app.invoices
