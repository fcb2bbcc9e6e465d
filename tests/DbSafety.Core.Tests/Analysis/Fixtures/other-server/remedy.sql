-- given
-- migration
SELECT dblink_exec('dbname=other', 'DELETE FROM orders');
-- instead, in words alone
