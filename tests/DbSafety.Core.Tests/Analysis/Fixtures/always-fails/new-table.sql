-- That it is new makes it no better.
CREATE TABLE draft (a int CHECK (a < (SELECT max(id) FROM users)));
--> MayFail draft: uses a subquery in a CHECK constraint: PostgreSQL refuses that, whatever the data
