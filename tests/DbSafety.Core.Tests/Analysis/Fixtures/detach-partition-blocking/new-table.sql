CREATE TABLE draft (a int) PARTITION BY RANGE (a);
CREATE TABLE draft_1 PARTITION OF draft FOR VALUES FROM (1) TO (2);
ALTER TABLE draft DETACH PARTITION draft_1;
--> Info draft: detaches draft_1 from draft: the table was created by the same pending migrations
