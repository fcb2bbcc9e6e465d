SELECT lo_creat(-1), lo_get(picture) FROM users;
SELECT 'lo_unlink(1)';
CREATE TABLE lo_unlink (id int);
INSERT INTO lo_unlink (id) VALUES (1);
SELECT u.lo_unlink FROM users u;
COMMENT ON FUNCTION lo_unlink(oid) IS 'x';
