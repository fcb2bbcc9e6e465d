ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';
ALTER TYPE mood OWNER TO app;
