-- In another language nothing of it can be read.
DO LANGUAGE plpython3u $$ plpy.execute('DROP TABLE users') $$;
--> Opaque statement 1: runs a DO block, of which only the statements in plain sight were read
