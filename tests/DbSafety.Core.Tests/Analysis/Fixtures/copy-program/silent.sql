COPY users TO STDOUT;
COPY users FROM '/tmp/users';
COPY program TO STDOUT;
