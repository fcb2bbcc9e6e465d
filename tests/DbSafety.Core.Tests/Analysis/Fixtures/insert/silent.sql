COPY users TO STDOUT;
UPDATE users SET a = 1 WHERE id = 1;
