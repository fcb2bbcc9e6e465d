-- text holds every value as it is written.
ALTER TABLE orders ALTER COLUMN note TYPE text;
--> Info orders.note: converts orders.note to text: text holds every value as it is written
-- A column that is called type.
ALTER TABLE orders ALTER COLUMN type TYPE varchar(3);
--> Destructive orders.type: converts orders.type to varchar(3)
-- In tables OF a composite type as well.
ALTER TYPE address ALTER ATTRIBUTE zip TYPE int CASCADE;
--> Destructive address.zip: converts address.zip to int in every table OF that type
