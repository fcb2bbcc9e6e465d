CREATE EXTENSION dblink;
SELECT dblink_disconnect('other');
SELECT * FROM dblink;
