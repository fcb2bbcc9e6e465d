ALTER TABLE users ADD CONSTRAINT known CHECK (EXISTS (SELECT 1 FROM countries WHERE code = country));
--> MayFail users.known: uses a subquery in a CHECK constraint: PostgreSQL refuses that, whatever the data
ALTER TABLE users ADD COLUMN rank int DEFAULT (SELECT max(rank) FROM ranks);
--> MayFail users.rank: uses a subquery in a DEFAULT: PostgreSQL refuses that, whatever the data
