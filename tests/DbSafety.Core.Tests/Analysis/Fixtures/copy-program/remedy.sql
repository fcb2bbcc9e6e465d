-- given
-- migration
COPY users TO PROGRAM 'cat > /tmp/users';
-- instead, in words alone
