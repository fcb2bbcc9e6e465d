-- No table is concerned, so there is nothing to exempt.
SET work_mem = '64MB';
--> Info work_mem: sets work_mem for the session
