-- Two columns, and a referenced table in another schema.
ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (shop, no) REFERENCES app.invoices (shop, no) MATCH FULL;
--> MayFail orders.f: requires every row of orders to reference a row of app.invoices
