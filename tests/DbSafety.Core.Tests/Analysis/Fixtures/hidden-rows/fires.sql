ALTER TABLE users FORCE ROW LEVEL SECURITY;
--> Breaking users: forces row-level security on users for its owner: the owner sees and changes only the rows that a policy allows
CREATE POLICY adults ON users AS RESTRICTIVE FOR SELECT USING (age >= 18);
--> Breaking users.adults: creates restrictive policy users.adults: rows that it does not allow can no longer be seen or changed, whatever other policies allow
ALTER POLICY own ON app.users USING (false);
--> Breaking app.users.own: changes policy app.users.own: rows that it allowed can become invisible
ALTER TABLE events DETACH PARTITION events_2025 CONCURRENTLY;
--> Breaking events: detaches partition events_2025 from events: queries on events no longer return its rows
ALTER TABLE orders NO INHERIT documents;
--> Breaking orders: ends the inheritance of orders from documents: queries on documents no longer return the rows of orders
REFRESH MATERIALIZED VIEW totals WITH NO DATA;
--> Breaking totals: empties materialized view totals: queries on it fail until it is refreshed
ALTER VIEW v SET (security_invoker = true);
--> Breaking v: changes whose privileges view v uses: queries on it return different rows, or fail with permission denied
ALTER TABLE users SET UNLOGGED;
--> Breaking users: sets users to UNLOGGED: standby servers can no longer read it, and a crash empties it
