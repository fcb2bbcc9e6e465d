-- Made on Windows.
DROP TABLE a;

/* x
 */ DELETE FROM b
WHERE c = 'd
;';
DO $$ BEGIN
  DELETE FROM e;
END $$;
TRUNCATE f;