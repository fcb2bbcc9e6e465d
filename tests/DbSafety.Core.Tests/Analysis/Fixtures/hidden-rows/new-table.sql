CREATE TABLE draft (a int);
ALTER TABLE draft FORCE ROW LEVEL SECURITY;
--> Info draft: forces row-level security on draft for its owner: the table was created by the same pending migrations
CREATE POLICY p ON draft AS RESTRICTIVE USING (a > 0);
--> Info draft.p: creates restrictive policy draft.p: the table was created by the same pending migrations
CREATE VIEW w AS SELECT 1;
ALTER VIEW w SET (security_invoker = true);
--> Info w: changes whose privileges view w uses: it was created by the same pending migrations
