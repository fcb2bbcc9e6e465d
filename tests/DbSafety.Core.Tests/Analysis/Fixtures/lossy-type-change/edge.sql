-- text holds every value as it is written.
ALTER TABLE orders ALTER COLUMN note TYPE text;
--> Info orders.note: converts orders.note to text: text preserves every value
-- A column that is called type.
ALTER TABLE orders ALTER COLUMN type TYPE varchar(3);
--> Destructive orders.type: converts orders.type to varchar(3)
-- In tables OF a composite type as well.
ALTER TYPE address ALTER ATTRIBUTE zip TYPE int CASCADE;
--> Destructive address.zip: converts address.zip to int in every table OF that type
-- An enum of the set takes a value as it is written, and nothing that is computed from it.
CREATE TYPE state AS ENUM ('x', 'y');
ALTER TABLE orders ALTER COLUMN s TYPE state USING s::state;
--> Info orders.s: converts orders.s to state: a cast to an enum preserves the value or fails
ALTER TABLE orders ALTER COLUMN s TYPE state USING (("s"::text))::state;
--> Info orders.s: converts orders.s to state: a cast to an enum preserves the value or fails
ALTER TABLE orders ALTER COLUMN s TYPE state USING CAST(CAST(s AS varchar) AS state);
--> Info orders.s: converts orders.s to state: a cast to an enum preserves the value or fails
ALTER TABLE orders ALTER COLUMN s TYPE state USING (CASE WHEN s = 'a' THEN 'x' ELSE 'y' END)::state;
--> Destructive orders.s: converts orders.s to state
ALTER TABLE orders ALTER COLUMN s TYPE state USING 'x';
--> Destructive orders.s: converts orders.s to state
ALTER TABLE orders ALTER COLUMN s TYPE state USING null;
--> Destructive orders.s: converts orders.s to state
ALTER TABLE orders ALTER COLUMN s TYPE state USING w;
--> Destructive orders.s: converts orders.s to state
ALTER TABLE orders ALTER COLUMN s TYPE state USING w::state;
--> Destructive orders.s: converts orders.s to state
ALTER TABLE orders ALTER COLUMN s TYPE state USING (s || '')::state;
--> Destructive orders.s: converts orders.s to state
ALTER TABLE orders ALTER COLUMN s TYPE state USING s::varchar(1)::state;
--> Destructive orders.s: converts orders.s to state
ALTER TABLE orders ALTER COLUMN s TYPE state USING CAST(lower(s) AS state);
--> Destructive orders.s: converts orders.s to state
-- text holds every value, but not what USING leaves out.
ALTER TABLE orders ALTER COLUMN note TYPE text USING left(note, 2);
--> Destructive orders.note: converts orders.note to text
