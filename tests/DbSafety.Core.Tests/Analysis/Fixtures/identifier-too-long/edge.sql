-- Bytes, not characters; once a statement.
ALTER TABLE t ADD COLUMN "éééééééééééééééééééééééééééééééé" text, ALTER COLUMN "éééééééééééééééééééééééééééééééé" SET DEFAULT '';
--> Info ééééééééééééééééééééééééééééééé: uses a name of 64 bytes, which PostgreSQL truncates to ééééééééééééééééééééééééééééééé
