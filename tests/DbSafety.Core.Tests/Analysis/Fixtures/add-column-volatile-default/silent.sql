ALTER TABLE users ADD COLUMN made timestamptz DEFAULT now();
ALTER TABLE users ADD COLUMN n numeric(10, 2) DEFAULT 0::numeric(10, 2);
ALTER TABLE users ADD COLUMN tags text[] DEFAULT ARRAY['a', 'b']::text[];
ALTER TABLE users ALTER COLUMN name SET DEFAULT gen_random_uuid();
