-- In another language nothing of it can be read.
DO LANGUAGE plpython3u $$ plpy.execute('DROP TABLE users') $$;
--> Opaque statement 1: runs a DO block, of which only the static statements were analysed
-- The way that older versions of drizzle-kit make types and foreign keys.
DO $$ BEGIN
 ALTER TABLE "posts" ADD CONSTRAINT "posts_users_fk" FOREIGN KEY ("user_id") REFERENCES "users"("id");
EXCEPTION
 WHEN duplicate_object THEN null;
END $$;
--> Info statement 2: runs a DO block, of which only the static statements were analysed: it has no other statements
DO 'BEGIN IF NOT EXISTS (SELECT FROM pg_type WHERE typname = ''mood'') THEN CREATE TYPE mood AS ENUM (''sad''); END IF; END' LANGUAGE 'plpgsql';
--> Info statement 3: runs a DO block, of which only the static statements were analysed: it has no other statements
