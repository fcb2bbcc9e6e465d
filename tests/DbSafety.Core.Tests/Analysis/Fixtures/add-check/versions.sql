-- A new column without a default is NULL in every row, and so is what it is compared with.
ALTER TABLE users ADD COLUMN score int;
ALTER TABLE users ADD CONSTRAINT c1 CHECK (score > 0);
--> Info users.c1: requires every row of users to satisfy score > 0: the same transaction adds the column, which is NULL in every row
ALTER TABLE users ADD CONSTRAINT c2 CHECK (score BETWEEN 0 AND 100 OR age > 18);
--> Info users.c2: requires every row of users to satisfy score BETWEEN 0 AND 100 OR age > 18: the same transaction adds the column, which is NULL in every row
ALTER TABLE users ADD CONSTRAINT c3 CHECK (score IS NULL OR score IN (1, 2));
--> Info users.c3: requires every row of users to satisfy score IS NULL OR score IN (1, 2): the same transaction adds the column, which is NULL in every row
ALTER TABLE users ADD COLUMN kind text CHECK (length(kind) < 10 AND kind ~ '^a');
--> Info users.kind: requires every row of users to satisfy length(kind) < 10 AND kind ~ '^a': the same transaction adds the column, which is NULL in every row
-- These can fail all the same.
ALTER TABLE users ADD CONSTRAINT c4 CHECK (score > 0 AND age > 18);
--> MayFail users.c4: requires every row of users to satisfy score > 0 AND age > 18
ALTER TABLE users ADD CONSTRAINT c5 CHECK (score IS NOT NULL);
--> MayFail users.c5: requires every row of users to satisfy score IS NOT NULL
ALTER TABLE users ADD CONSTRAINT c6 CHECK (coalesce(score, 0) > 0);
--> MayFail users.c6: requires every row of users to satisfy coalesce(score, 0) > 0
ALTER TABLE users ADD CONSTRAINT c7 CHECK (score = ANY (ARRAY[1]));
--> MayFail users.c7: requires every row of users to satisfy score = ANY (ARRAY[1])
ALTER TABLE users ADD COLUMN level int DEFAULT 1 CHECK (level > 5);
--> MayFail users.level: requires every row of users to satisfy level > 5
